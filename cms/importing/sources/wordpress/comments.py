"""Comments: Galley shows none, so they are kept in a file beside the report."""

import json
from typing import Final, TextIO

from cms.importing.content import Skipped
from cms.importing.sources.wordpress.catalogue import Catalogue
from cms.importing.sources.wordpress.markup import shorten, words
from cms.importing.sources.wordpress.records import RawComment

FILE_NAME: Final = "comments.json"
_STATUSES: Final = {"1": "approved", "0": "pending"}


def skipped_comment(comment: RawComment) -> Skipped:
    """A comment's line in the report."""
    return Skipped(
        key=f"comment:{comment.comment_id or comment.line}",
        kind="comment",
        where=f"line {comment.line}, comment {comment.comment_id} on {comment.post_id}",
        title=shorten(words(comment.text), 80),
        reason=f"Galley has no public comments; it is in {FILE_NAME} beside this report.",
    )


def write_comments(file: TextIO, catalogue: Catalogue, *, identity: str) -> None:
    """Writes all comments as one JSON value, a line each, in the order of the export.

    Mail and network addresses of those who wrote them are left out.
    """
    head = {
        "format": 1,
        "website": identity,
        "left_out": "mail addresses, network addresses and browsers of those who wrote them",
    }
    file.write(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "comments": [')
    separator = "\n"
    for comment in catalogue.comments():
        post = catalogue.item(comment.post_id)
        value = {
            "id": comment.comment_id,
            "parent": comment.parent if comment.parent not in {"", "0"} else None,
            "post": {
                "key": f"{post.kind}:{post.id}" if post else f"post:{comment.post_id}",
                "title": words(post.title) if post else "",
                "address": post.link if post else "",
            },
            "kind": comment.kind,
            "status": _STATUSES.get(comment.status, comment.status),
            "author": comment.author,
            "author_url": comment.author_url,
            "date": f"{comment.date.replace(' ', 'T')}Z" if comment.date else None,
            "text": comment.text,
        }
        file.write(f"{separator}{json.dumps(value, ensure_ascii=False)}")
        separator = ",\n"
    file.write("\n]}\n")
