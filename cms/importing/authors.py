"""Authors who have a profile of their name here already."""

from cms.importing.content import Change, ItemKind, Note
from cms.importing.context import RunContext
from cms.importing.scratch import Result, load_notes
from cms.models import ProfilePage


def match_authors(run: RunContext) -> None:
    """Gives the items of authors who are here already their profile, which stays as it is.

    Only where one profile of the website has the very name; of two, nobody could tell which.
    """
    rows = run.scratch.db.execute(
        "SELECT seq, key, title, place, notes FROM items WHERE kind = ?"
        " AND seq NOT IN (SELECT seq FROM results) AND key NOT IN (SELECT key FROM known)",
        (ItemKind.PROFILE.value,),
    ).fetchall()
    for seq, key, title, place, notes in rows:
        pk = _profile_called(run, title.strip())
        if pk is None:
            continue
        message = f"A profile of the name “{title}” was here already and is used as it is."
        note = Note(Change.GUESSED, "author-matched", message)
        run.scratch.set_target(key, "page", pk)
        run.scratch.add_result(
            Result(
                seq=seq,
                kind=ItemKind.PROFILE.value,
                key=key,
                where=place,
                title=title,
                outcome="unchanged",
                page_id=pk,
                notes=(*load_notes(notes), note),
            )
        )


def _profile_called(run: RunContext, name: str) -> int | None:
    if not name:
        return None
    profiles = ProfilePage.objects.descendant_of(run.home).filter(title__iexact=name)
    keys = list(profiles.order_by("pk").values_list("pk", flat=True)[:2])
    return keys[0] if len(keys) == 1 else None
