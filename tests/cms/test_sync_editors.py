"""Editors at work side by side, and mirrors that follow: they come to have what the API shows.

By hand, longer and with another seed: `SYNC_EDITS=1000 SYNC_SEED=7 bin/test tests/cms/test_sync_editors.py`.
"""

import copy
import json
import os
from typing import Any

import pytest
from django.db import connection

from delivery.interface import Document
from delivery.reading import sync_changes
from tests.api.conftest import Reader
from tests.api.mirror import Mirror
from tests.api.sync_oracle import Follower, followers, watch
from tests.cms.editorial_actions import RandomEditor
from tests.factories.cms import Website, edit, make_image

pytestmark = pytest.mark.django_db(transaction=True)

SEED = int(os.environ.get("SYNC_SEED", "1"))
EDITS = int(os.environ.get("SYNC_EDITS", "48"))
EDITORS = 8 if connection.vendor == "postgresql" else 2


class Editor:
    """Does random things; what two editors spoil for each other is rolled back and counted."""

    def __init__(self, website: Website, seed: int, edits: int) -> None:
        self.editor = RandomEditor(copy.deepcopy(website), seed)
        self.editor.count = seed * 10_000  # words of his own
        self.edits = edits
        self.spoilt: list[str] = []

    def __call__(self) -> None:
        for _ in range(self.edits):
            try:
                self.editor.act()
            except Exception as error:  # noqa: BLE001 - what editors do to each other is not the matter
                self.spoilt.append(f"{self.editor.log[-1]}: {error!r}"[:200])


def shown_by_id(reader: Reader) -> dict[str, Any]:
    """Each public document as its own address shows it.

    Lists would not do: a page whose language the website has lost is on none, and still public.
    """
    found = {}
    for key, kind, locale in Document.objects.values_list("id", "type", "locale"):
        path = f"/content/site?locale={locale}" if kind == "site" else f"/content/{kind}/{key}"
        found[str(key)] = reader.json(path)["data"]
    return found


def work(monkeypatch: pytest.MonkeyPatch, edits: int) -> tuple[list[Editor], list[Follower]]:
    monkeypatch.setattr(sync_changes, "EVENTS_AT_ONCE", 25)
    website = Website()
    profile = website.profile(photo=make_image())
    for number in range(3):
        website.post(f"Post {number}", authors=[profile], tags=["a", "b"])
    editors = [Editor(website, SEED * 10 + n, edits // EDITORS) for n in range(EDITORS)]
    mirrors = followers(SEED, "en")
    watch(editors, mirrors)
    return editors, mirrors


@pytest.mark.slow
def test_mirrors_equal_the_api_after_editors_in_parallel(monkeypatch: pytest.MonkeyPatch) -> None:
    editors, mirrors = work(monkeypatch, EDITS)

    truth = shown_by_id(Reader())
    logs = [editor.editor.log for editor in editors]
    assert [fault for mirror in mirrors for fault in mirror.faults(truth)] == [], logs
    spoilt = [line for editor in editors for line in editor.spoilt]
    print(f"seed {SEED}: {EDITS} edits, {len(spoilt)} spoilt; {len(truth)} documents")  # noqa: T201
    assert len(spoilt) < EDITS / 2, json.dumps(spoilt, indent=1)


@pytest.mark.parametrize("travels", [True, False])
def test_an_authors_new_name_travels(monkeypatch: pytest.MonkeyPatch, travels: bool) -> None:
    website = Website()
    profile = website.profile()
    website.post(authors=[profile])
    mirror = Mirror(Reader()).catch_up()
    if not travels:
        monkeypatch.setattr("delivery.saving._shows_elsewhere", lambda *_: False)

    edit(profile, title="Another name")

    assert (mirror.catch_up().documents == shown_by_id(Reader())) is travels
