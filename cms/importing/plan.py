"""The order in which things come in, and what of them there is to do."""

from collections.abc import Iterator
from typing import Final

from cms.importing.content import Change, Note
from cms.importing.scratch import Scratch, dump_notes
from cms.models import ImportedItem, ImportSource

BATCH_SIZE: Final = 25
MAX_DEPTH: Final = 40
"""Levels of pages below the top; Wagtail's tree ends at 63."""

_ALLOWED_PARENTS: Final = {
    "category": ("category",),
    "section": ("section", "page"),
    "page": ("section", "page"),
    "post": ("section", "page"),
}
TARGETS: Final = ("page", "image", "document", "category", "menu")


def plan(scratch: Scratch, source: ImportSource | None) -> None:
    """Puts the items in order and sorts out those of which nothing is to be done.

    Broken and cyclic parents are mended. What is unchanged, deleted here, or gone from the
    source gets its result; all else is left for `batches`.
    """
    _drop_wrong_parents(scratch)
    _set_depths(scratch)
    if source is not None:
        _read_known(scratch, source)
    _settle_known(scratch)


def batches(scratch: Scratch, stage: int) -> Iterator[list[int]]:
    """The numbers of the items of a stage that have no result yet, in order, some at a time.

    A batch lies on one level, so that the parents of all its items are there before it.
    """
    rows = scratch.db.execute(
        "SELECT seq, depth FROM items WHERE stage = ? AND seq NOT IN (SELECT seq FROM results)"
        " ORDER BY depth, date, seq",
        (stage,),
    )
    batch: list[int] = []
    level = 0
    for seq, depth in rows:
        if batch and (depth != level or len(batch) == BATCH_SIZE):
            yield batch
            batch = []
        batch.append(seq)
        level = depth
    if batch:
        yield batch


def count_work(scratch: Scratch) -> int:
    """How many items `batches` will give in all."""
    return scratch.count("SELECT COUNT(*) FROM items WHERE seq NOT IN (SELECT seq FROM results)")


def _drop_wrong_parents(scratch: Scratch) -> None:
    rows = scratch.db.execute(
        "SELECT i.seq, i.kind, i.parent, p.kind FROM items i LEFT JOIN items p ON p.key = i.parent"
        " WHERE i.parent IS NOT NULL"
    )
    for seq, kind, parent, parent_kind in rows.fetchall():
        if parent_kind in _ALLOWED_PARENTS.get(kind, ()):
            continue
        scratch.db.execute("UPDATE items SET parent = NULL WHERE seq = ?", (seq,))
        if kind in _ALLOWED_PARENTS:
            message = f"What it lies below ({parent}) is not in the source; it went to the top."
            scratch.note_plan(seq, Note(Change.CHANGED, "parent-missing", message))


def _set_depths(scratch: Scratch) -> None:
    scratch.db.execute("UPDATE items SET depth = 0 WHERE parent IS NULL")
    _spread_depths(scratch)
    if scratch.count("SELECT COUNT(*) FROM items WHERE depth IS NULL"):
        _break_cycles(scratch)
        _spread_depths(scratch)


def _spread_depths(scratch: Scratch) -> None:
    below = "depth IS NULL AND parent IN (SELECT key FROM items WHERE depth = ?)"
    for level in range(MAX_DEPTH):
        scratch.db.execute(f"UPDATE items SET depth = ? WHERE {below}", (level + 1, level))  # noqa: S608
    while rows := scratch.db.execute(
        f"SELECT seq FROM items WHERE {below}",  # noqa: S608
        (MAX_DEPTH,),
    ).fetchall():
        for (seq,) in rows:
            scratch.db.execute(
                "UPDATE items SET depth = ?, parent ="
                " (SELECT p.parent FROM items p WHERE p.key = items.parent) WHERE seq = ?",
                (MAX_DEPTH, seq),
            )
            message = f"It lay more than {MAX_DEPTH} levels deep, and was put on that level."
            scratch.note_plan(seq, Note(Change.CHANGED, "too-deep", message))


def _break_cycles(scratch: Scratch) -> None:
    """What has no depth yet lies in a circle or below one: its first item goes to the top."""
    rows = scratch.db.execute("SELECT seq, key, parent FROM items WHERE depth IS NULL ORDER BY seq")
    left = {key: (seq, parent) for seq, key, parent in rows.fetchall()}
    settled: set[str] = set()
    for start in left:
        trail: dict[str, None] = {}
        key = start
        while key in left and key not in settled and key not in trail:
            trail[key] = None
            key = left[key][1]
        if key in trail:
            circle = list(trail)[list(trail).index(key) :]
            first = min(left[member][0] for member in circle)
            scratch.db.execute("UPDATE items SET parent = NULL, depth = 0 WHERE seq = ?", (first,))
            message = f"It lay below itself ({' > '.join(circle[:5])}); it went to the top."
            scratch.note_plan(first, Note(Change.CHANGED, "parent-cycle", message))
        settled |= trail.keys()


def _read_known(scratch: Scratch, source: ImportSource) -> None:
    columns = [f"{name}_id" for name in TARGETS]
    rows = ImportedItem.objects.filter(source=source).values_list(
        "key", "pk", "kind", "digest", "where", "title", "is_placeholder", *columns
    )
    for key, pk, kind, digest, where, title, is_missing, *targets in rows.iterator(chunk_size=2000):
        found = [(name, pk) for name, pk in zip(TARGETS, targets, strict=True) if pk is not None]
        target_kind, target = found[0] if found else ("", None)
        scratch.db.execute(
            "INSERT INTO known VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, pk, kind, digest, target_kind, target, where, title, is_missing),
        )


def _settle_known(scratch: Scratch) -> None:
    scratch.db.execute(
        "INSERT INTO targets SELECT key, target_kind, target FROM known WHERE target IS NOT NULL"
    )
    gone_here = Note(
        Change.DROPPED, "deleted-here", "It was deleted here since, and stays deleted."
    )
    _settle(scratch, "skipped", "k.target IS NULL", gone_here)
    other_kind = Note(
        Change.CHANGED,
        "kind-changed",
        "It was of another kind when it was imported; kept as it is.",
    )
    _settle(scratch, "skipped", "k.kind != i.kind", other_kind)
    still_missing = Note(
        Change.MISSING,
        "media-still-missing",
        "A placeholder stands in for it; `manage.py fetch_media` asks for it again.",
    )
    _settle(scratch, "unchanged", "k.digest = i.digest AND k.is_missing", still_missing)
    _settle(scratch, "unchanged", "k.digest = i.digest")
    _report_gone(scratch)


def _settle(scratch: Scratch, outcome: str, condition: str, *notes: Note) -> None:
    """Gives a result to the items that are known and meet the condition."""
    if notes:
        rows = scratch.db.execute(
            f"SELECT i.seq FROM items i JOIN known k USING (key) WHERE {condition}"  # noqa: S608
            " AND i.seq NOT IN (SELECT seq FROM results)"
        ).fetchall()
        for (seq,) in rows:
            for note in notes:
                scratch.note_plan(seq, note)
    scratch.db.execute(  # the conditions are those above
        "INSERT INTO results SELECT i.seq, i.kind, i.key, i.place, i.title, ?,"  # noqa: S608
        " CASE k.target_kind WHEN 'page' THEN k.target END, i.address, '', i.notes"
        f" FROM items i JOIN known k USING (key) WHERE {condition}"
        " AND i.seq NOT IN (SELECT seq FROM results)",
        (outcome,),
    )


def _report_gone(scratch: Scratch) -> None:
    """What was imported once and is no longer offered is told of, and left alone."""
    rows = scratch.db.execute(
        "SELECT key, kind, place, title, CASE target_kind WHEN 'page' THEN target END FROM known"
        " WHERE target IS NOT NULL AND key NOT IN (SELECT key FROM items)"
        " AND key NOT IN (SELECT key FROM results) ORDER BY key"
    ).fetchall()
    for key, kind, place, title, page in rows:
        if key.startswith("galley:"):  # made by the importer itself
            continue
        note = Note(
            Change.DROPPED,
            "gone-from-source",
            f"This {kind} is no longer in the source; what it became here was left alone.",
        )
        scratch.db.execute(
            "INSERT INTO results VALUES (?, 'gone', ?, ?, ?, 'skipped', ?, '', '', ?)",
            (scratch.next_seq(), key, place, title, page, dump_notes((note,))),
        )
