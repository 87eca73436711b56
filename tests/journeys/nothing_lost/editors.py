"""An editor's server: a process that makes random edits and writes down what became of each.

python -m tests.journeys.nothing_lost editors JOURNAL SEED SECONDS_BETWEEN [steady]

An edit is acknowledged when its commit has returned; one whose commit ended in an error may have
been made or not; all others were not made. Which events an edit makes is written down before it
commits. A steady editor makes the same edit again and again, for comparing times.
"""

import os
import time
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.utils import DatabaseError, InterfaceError
from wagtail.models import Locale, Site

from cms.models import BlogIndexPage, BlogPostPage, HomePage, ProfileIndexPage, ServiceIndexPage
from core.interface import stop_on_signals
from outbox.interface import LedgerEvent
from outbox.moments import Turn
from tests.cms.editorial_actions import RandomEditor
from tests.factories.cms import Website, edit
from tests.journeys.nothing_lost.commits import COMMITTED
from tests.journeys.nothing_lost.journal import Journal

AWAY_SECONDS = 0.3


def facts(event: LedgerEvent) -> dict[str, Any]:
    return {"id": str(event.id), "sequence": event.sequence, "type": event.type}


def made_here() -> list[str]:
    """The events of this transaction so far: no other has its instant."""
    turn = Turn.present()
    if turn is None or turn.moment is None:
        return []
    mine = LedgerEvent.objects.filter(occurred_at=turn.moment)
    return [str(key) for key in mine.values_list("id", flat=True)]


def edit_post(editor: RandomEditor) -> None:
    """The posts in turn: an event of a post waits for the one before, and for no other's."""
    posts = BlogPostPage.objects.filter(alias_of=None).order_by("pk")
    word = editor.word()
    edit(posts[editor.count % posts.count()], title=word)


class Desk:
    """Works until it is told to stop."""

    def __init__(self, journal: Journal, seed: int, *, is_steady: bool) -> None:
        self._journal = journal
        self._editor = RandomEditor(existing_website(), seed)
        if is_steady:
            self._editor.actions = (edit_post,)
        self._editor.count = os.getpid() * 10_000  # words of its own, after a crash too

    def edit(self) -> None:
        number = self._editor.count + 1
        name = {"editor": os.getpid(), "edit": number}
        self._journal.write(**name, state="intended")
        COMMITTED.clear()
        at_commit = False
        try:
            with transaction.atomic():
                self._editor.act()
                self._journal.write(**name, state="made", events=made_here())
                at_commit = True
        except Exception as error:  # noqa: BLE001 - whatever it was, it is written down
            state = "unknown" if at_commit else "undone"
            self._journal.write(**name, state=state, error=repr(error)[:300])
            if isinstance(error, DatabaseError | InterfaceError):
                connection.close()
                time.sleep(AWAY_SECONDS)
        else:
            events = [facts(event) for event in COMMITTED]
            action = self._editor.log[-1]
            self._journal.write(**name, state="acknowledged", action=action, events=events)


def existing_website() -> Website:
    website = Website.__new__(Website)
    website.english = Locale.objects.get(language_code="en")
    website.french = Locale.objects.get(language_code="fr")
    website.home = HomePage.objects.get(alias_of=None, locale=website.english, depth=2, slug="site")
    website.root = website.home.get_parent()
    website.site = Site.objects.get(is_default_site=True)
    english = {"alias_of": None, "locale": website.english}
    website.blog = BlogIndexPage.objects.filter(**english).earliest("pk")
    website.services = ServiceIndexPage.objects.filter(**english).earliest("pk")
    website.people = ProfileIndexPage.objects.filter(**english).earliest("pk")
    return website


def main(journal: str, seed: str, seconds_between: str, kind: str = "random") -> None:
    stop = stop_on_signals()
    desk = None
    while not stop.is_set():
        try:
            desk = desk or Desk(Journal(Path(journal)), int(seed), is_steady=kind == "steady")
        except (DatabaseError, InterfaceError):
            connection.close()
            stop.wait(AWAY_SECONDS)
        else:
            desk.edit()
            stop.wait(float(seconds_between))
