r"""References inside text.

A document never holds what belongs to another document. Where a text links to a page or shows
an image, the stored JSON has a marker instead, which composition replaces by what is public at
that moment. A marker begins and ends with the control character U+0001, which `clean_text`
removes from everything that an editor wrote: so no content can forge one.

    href="\x01path:<id>\x01"     the path of a document; the attribute goes when it is not public,
                                with whatever stands behind the marker (`#a-place`)
    "\x01doc:<id>\x01"           (a whole JSON string) the reference object, null when not public
    \x01img:<id>:<alt>\x01       (inside rich text) an <img> element, nothing when not public;
                                <alt> is the alternative text, escaped as an HTML attribute
"""

import re
from typing import Final
from uuid import UUID

MARK: Final = "\x01"
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def clean_text(text: str) -> str:
    """`text` without control characters (line feed and tab stay) and lone surrogates.

    However the end of a line was typed, one line feed stands for it.
    """
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def path_marker(document_id: UUID) -> str:
    """Stands for the path of a document."""
    return f"{MARK}path:{document_id}{MARK}"


def document_marker(document_id: UUID) -> str:
    """Stands, as a whole JSON string, for the reference to a document."""
    return f"{MARK}doc:{document_id}{MARK}"


def image_marker(document_id: UUID, alt: str) -> str:
    """Stands for an image inside rich text; `alt` must be escaped for an HTML attribute."""
    return f"{MARK}img:{document_id}:{alt}{MARK}"
