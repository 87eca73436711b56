"""Who may see a post: from WordPress's statuses to Galley's."""

from typing import Final

from cms.importing.content import Change, Note, Status
from cms.importing.sources.wordpress.records import RawItem

_STATUSES: Final = {
    "publish": Status.PUBLISHED,
    "future": Status.SCHEDULED,
    "private": Status.PRIVATE,
    "draft": Status.DRAFT,
    "pending": Status.DRAFT,
}
_LEFT_OUT: Final = {
    "trash": "It lay in the trash.",
    "auto-draft": "WordPress made it when an editor opened the form; nobody saved it.",
    "inherit": "It is an older version of another item.",
    "request-pending": "It belongs to WordPress's requests for personal data.",
}


def reason_to_skip(item: RawItem) -> str:
    """Why an item with this status is no content; empty where it is."""
    return _LEFT_OUT.get(item.text("wp:status"), "")


def read_status(item: RawItem) -> tuple[Status, list[Note]]:
    """The status, and what has to be said about it. What is not known is a draft."""
    text = item.text("wp:status") or "publish"
    status = _STATUSES.get(text)
    notes: list[Note] = []
    if status is None:
        status = Status.DRAFT
        message = f"The status “{text[:40]}” is not known; it became a draft."
        notes.append(Note(Change.GUESSED, "status-unknown", message))
    if text == "pending":
        message = "It waited for review; it is a draft now, and can be submitted here."
        notes.append(Note(Change.CHANGED, "status-pending", message))
    if item.text("wp:post_password"):
        # A draft or a scheduled post stays hidden, and must not be published by the clock either.
        status = Status.PRIVATE if status is Status.PUBLISHED else Status.DRAFT
        message = "It was protected by a password; it is private now, and the password is gone."
        if status is Status.DRAFT:
            message = (
                "It was to be protected by a password; it is a draft now, and the password is gone."
            )
        notes.append(Note(Change.CHANGED, "password", message))
    return status, notes
