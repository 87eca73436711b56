"""Putting what is public in the place of markers, in the JSON text of a document.

The text is never parsed: a marker is found by its escaped control character, which no editor
can write. See `delivery.markers` for what each marker means.
"""

import html
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import orjson

ESCAPED_MARK: Final = "\\u0001"
_HREF: Final = ' href=\\"'


class Lookup(Protocol):
    """What the markers ask for; each answer is None where the target is not public."""

    def path(self, document_id: str) -> str | None:
        """The path of a document."""

    def reference(self, document_id: str) -> Mapping[str, Any] | None:
        """The reference to a document."""


def resolve_markers(text: str, lookup: Lookup) -> str:
    """The JSON text without markers.

    A link to what is not public loses its `href`, a reference becomes null, an image goes.
    """
    parts = _split(text)
    if len(parts) == 1:
        return text
    kept = [parts[0]]
    for index in range(1, len(parts) - 1, 2):
        kind, _, rest = parts[index].partition(":")
        before, after = _RESOLVERS[kind](lookup, rest, kept[-1], parts[index + 1])
        kept[-1] = before
        kept.append(after)
    return "".join(kept)


def _split(text: str) -> list[str]:
    """The text cut at its marks: outside, inside, outside, …

    A mark that follows an odd number of backslashes is no mark: an editor wrote these six
    characters, and JSON has escaped their backslash.
    """
    pieces = text.split(ESCAPED_MARK)
    if len(pieces) == 1:
        return pieces
    parts = [pieces[0]]
    for piece in pieces[1:]:
        last = parts[-1]
        if (len(last) - len(last.rstrip("\\"))) % 2:
            parts[-1] = last + ESCAPED_MARK + piece
        else:
            parts.append(piece)
    return parts


def _resolve_path(lookup: Lookup, rest: str, before: str, after: str) -> tuple[str, str]:
    path = lookup.path(rest)
    if path is not None:
        return before, _in_string(html.escape(path)) + after
    if before.endswith(_HREF):
        return before[: -len(_HREF)], after[after.index('\\"') + 2 :]
    return before, after


def _resolve_document(lookup: Lookup, rest: str, before: str, after: str) -> tuple[str, str]:
    reference = lookup.reference(rest)
    value = "null" if reference is None else orjson.dumps(reference, option=_OPTIONS).decode()
    return before[:-1], value + after[1:]


def _resolve_image(lookup: Lookup, rest: str, before: str, after: str) -> tuple[str, str]:
    document_id, _, alt = rest.partition(":")
    image = lookup.reference(document_id)
    if image is None:
        return before, after
    return before, f"{_in_string(_image_start(image))}{alt}{_IMAGE_END}{after}"


_OPTIONS: Final = orjson.OPT_UTC_Z
_IMAGE_END: Final = '\\">'


def _image_start(image: Mapping[str, Any]) -> str:
    """`<img … alt="`, which the marker's own alternative text follows."""
    attributes = [("src", image.get("src")), ("srcset", image.get("srcset"))]
    attributes += [("width", image.get("width")), ("height", image.get("height"))]
    written = " ".join(
        f'{name}="{html.escape(str(value))}"' for name, value in attributes if value is not None
    )
    return f'<img {written} loading="lazy" alt="'


def _in_string(text: str) -> str:
    """`text` as it stands between the quotes of a JSON string."""
    return orjson.dumps(text).decode()[1:-1]


_Resolver = Callable[[Lookup, str, str, str], tuple[str, str]]
_RESOLVERS: Final[Mapping[str, _Resolver]] = {
    "path": _resolve_path,
    "doc": _resolve_document,
    "img": _resolve_image,
}
