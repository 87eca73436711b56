"""Authors who have a profile here already, as the person who imports says."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

from wagtail.models import Site

from cms.importing.content import Change, ItemKind, Note
from cms.importing.context import RunContext
from cms.importing.scratch import Result, Spooled
from cms.models import ProfilePage


class MapUnreadable(Exception):
    """A pair or a file of pairs is not as it must be; the text says how."""


def read_pairs(entries: Iterable[str]) -> dict[str, str]:
    """The pairs of `NAME=PROFILE` entries and of files, which may begin with `@`.

    A file named `.json` holds an object, one named `.csv` two columns, any other a pair on each
    line.

    Raises:
        MapUnreadable: an entry is no pair, or a file cannot be read.
    """
    pairs: dict[str, str] = {}
    for entry in entries:
        if entry.startswith("@") or ("=" not in entry and Path(entry).is_file()):
            pairs |= _read_file(Path(entry.removeprefix("@")))
        else:
            pairs |= [_pair(*entry.partition("=")[::2], shown=entry)]
    return pairs


def _read_file(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        match path.suffix.lower():
            case ".json":
                read = json.loads(text)
                if not isinstance(read, dict):
                    raise MapUnreadable(f"{path} is no JSON object of names and profiles.")
                rows = [(str(name), str(profile)) for name, profile in read.items()]
            case ".csv":
                rows = [
                    (row[0], row[1] if len(row) > 1 else "")
                    for row in csv.reader(text.splitlines())
                    if row
                ]
            case _:
                lines = filter(None, map(str.strip, text.splitlines()))
                rows = [(line.partition("=")[0], line.partition("=")[2]) for line in lines]
    except (OSError, ValueError, RecursionError, csv.Error) as problem:
        raise MapUnreadable(f"{path} cannot be read: {problem}") from problem
    return dict(_pair(name, profile, shown=f"{name} in {path}") for name, profile in rows)


def _pair(name: str, profile: str, *, shown: str) -> tuple[str, str]:
    if not (name.strip() and profile.strip()):
        raise MapUnreadable(f"write NAME=PROFILE instead of “{shown}”.")
    return name.strip(), profile.strip()


def find_profile(site: Site, wish: str) -> ProfilePage | None:
    """The profile of the website with this slug; else the oldest with this title."""
    profiles = ProfilePage.objects.descendant_of(site.root_page).order_by("pk")
    by_slug: ProfilePage | None = profiles.filter(slug=wish.strip("/")).first()
    return by_slug or profiles.filter(title__iexact=wish).first()


def map_authors(run: RunContext) -> None:
    """Lets what mapped authors wrote name the profiles that are here; no profile is made of them.

    An author answers to name, login and key. A name that nobody answers to is told in the report.
    """
    wishes = {name.casefold(): (name, wish) for name, wish in run.options.author_map.items()}
    if not wishes:
        return
    answered: set[str] = set()
    rows = run.scratch.db.execute(
        "SELECT seq FROM items WHERE kind = ?", (ItemKind.PROFILE.value,)
    ).fetchall()
    for (seq,) in rows:
        (author,) = run.scratch.spooled([seq])
        name = next((name for name in _names(author) if name in wishes), None)
        if name is None:
            continue
        answered.add(name)
        profile = find_profile(run.site, wishes[name][1])
        if profile is not None:
            _put_in_place(run, author, profile)
    for name in wishes.keys() - answered:
        note = Note(Change.DROPPED, "author-unknown", "No author of the source is called so.")
        run.scratch.add_result(
            Result(
                seq=run.scratch.next_seq(),
                kind="author-map",
                key=f"author-map:{wishes[name][0]}",
                where="--author-map",
                title=wishes[name][0],
                outcome="skipped",
                notes=(note,),
            )
        )


def _names(author: Spooled) -> list[str]:
    item = author.item
    said = [item.title, str(item.details.get("login") or ""), item.slug, item.key]
    said.append(item.key.partition(":")[2])
    return [name.casefold() for name in said if name]


def _put_in_place(run: RunContext, author: Spooled, profile: ProfilePage) -> None:
    run.scratch.set_target(author.item.key, "page", profile.pk)
    message = f"The profile “{profile.title}”, which was here already, stands for this author."
    run.scratch.add_result(
        Result(
            seq=author.seq,
            kind=author.item.kind.value,
            key=author.item.key,
            where=author.item.where,
            title=author.item.title,
            outcome="unchanged",
            page_id=profile.pk,
            old_address=author.item.addresses[0] if author.item.addresses else "",
            notes=(*author.item.notes, Note(Change.CHANGED, "author-mapped", message)),
        )
    )
