"""Rows of renditions whose files are in the store; also those of a transaction that is undone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from media.models import CustomImage, CustomRendition

_made: Final[ContextVar[list[CustomRendition] | None]] = ContextVar("made", default=None)


def save_renditions(image_id: int, rows: Sequence[CustomRendition]) -> list[CustomRendition]:
    """Saves these sizes of an image; where another process was quicker, its rows are given."""
    CustomRendition.objects.bulk_create(rows, ignore_conflicts=True)
    specs = [row.filter_spec for row in rows]
    kept = list(CustomRendition.objects.filter(image_id=image_id, filter_spec__in=specs))
    names = {row.file.name for row in kept}
    for row in rows:
        if row.file.name not in names:
            row.file.storage.delete(row.file.name)
    return kept


def note_made(rows: Sequence[CustomRendition]) -> None:
    """Tells `keeping_renditions`, if one is around, that these were made. Before they are saved."""
    noted = _made.get()
    if noted is not None:
        noted += rows


@contextmanager
def keeping_renditions() -> Iterator[None]:
    """Put around a transaction that is rolled back: what it made of images is saved after it.

    The files are in the store by then. Without their rows, nothing would ever find them again,
    and publishing would make them once more, under other addresses.
    """
    noted: list[CustomRendition] = []
    token = _made.set(noted)
    try:
        yield
    finally:
        _made.reset(token)
        _save_again(noted)


def _save_again(noted: Sequence[CustomRendition]) -> None:
    ids = {row.image_id for row in noted}
    existing = set(CustomImage.objects.filter(pk__in=ids).values_list("pk", flat=True))
    for image_id in ids:
        rows = [row for row in noted if row.image_id == image_id]
        for row in rows:
            row.pk = None
        if image_id in existing:
            save_renditions(image_id, rows)
        else:
            for row in rows:
                row.file.storage.delete(row.file.name)
