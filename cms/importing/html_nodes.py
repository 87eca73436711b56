"""What a foreign HTML text says, freed of its tags: the values between reading and writing it.

`html_reader` makes these of an HTML tree, `html_writer` makes blocks of them. Words carry their
own marks and link, so that no nesting of the source, however odd, can come out as broken HTML.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words; `marks` are tags of `MARKS` in that order, `href` is an address."""

    text: str
    marks: tuple[str, ...] = ()
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """An image among words or alone; `href` is where a click on it led, `title` showed on hovering."""

    src: str
    alt: str = ""
    href: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A new line inside a paragraph."""


Inline: TypeAlias = Words | Picture | LineBreak  # 3.11 has no other way

_SPACE: Final = re.compile(r"[ \t\n\f\r]+")
MARKS: Final = ("b", "i", "s", "sup", "sub", "code")
"""The tags that words may stand in, the outermost first."""


@dataclass(slots=True)
class Paragraph:
    """Words and pictures in a line."""

    inlines: list[Inline]


@dataclass(slots=True)
class Heading:
    """`level` is the source's, 1 to 6."""

    level: int
    anchor: str
    inlines: list[Inline]


@dataclass(slots=True)
class Listing:
    """A list; each item is a text of its own."""

    is_ordered: bool
    start: int
    items: list[list["Node"]]


@dataclass(slots=True)
class Quote:
    """Somebody's words."""

    nodes: list["Node"]
    attribution: str = ""


@dataclass(slots=True)
class Code:
    """Source text to the letter; `language` is the source's own word for it."""

    language: str
    text: str
    caption: str = ""


@dataclass(slots=True)
class Figure:
    """A picture that stands alone."""

    picture: Picture
    caption: str = ""


@dataclass(slots=True)
class Gallery:
    """Pictures that the source showed together."""

    figures: list[Figure]


@dataclass(slots=True)
class Table:
    """Every row has as many cells as `columns`."""

    columns: list[str]
    rows: list[list[list["Node"]]]
    caption: str = ""


@dataclass(slots=True)
class Embed:
    """Something of another website; `url` is absolute."""

    url: str
    caption: str = ""


@dataclass(slots=True)
class Callout:
    """A remark that stands out."""

    kind: str
    title: str
    nodes: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Rule:
    """A line across."""


Node: TypeAlias = (
    Paragraph | Heading | Listing | Quote | Code | Figure | Gallery | Table | Embed | Callout | Rule
)


def words_of(inlines: list[Inline]) -> str:
    """The words alone; a new line is a space."""
    parts = [item.text if isinstance(item, Words) else " " for item in inlines]
    return " ".join("".join(parts).split())


def links_of(inlines: list[Inline]) -> list[str]:
    """Where the words lead, each address once."""
    found = [item.href for item in inlines if isinstance(item, Words) and item.href]
    return list(dict.fromkeys(found))


def flattened(nodes: Iterable[Node]) -> list[Inline]:
    """Everything that `nodes` say in the form of one paragraph; a new line stands between them."""
    found: list[Inline] = []
    for node in nodes:
        for line in map(tidy, _lines_of(node)):
            if line:
                found += [LineBreak(), *line] if found else line
    return tidy(found)


def _lines_of(node: Node) -> Iterator[list[Inline]]:
    match node:
        case Paragraph(inlines) | Heading(_, _, inlines):
            yield inlines
        case Figure() | Gallery() | Embed():
            yield from _lines_of_medium(node)
        case Listing():
            for item in node.items:
                yield [Words("\N{BULLET} "), *flattened(item)]
        case Code(_, text, caption):
            for line in text.split("\n"):
                yield [Words(line, ("code",))]
            yield [Words(caption)]
        case Table(columns, rows, caption):
            yield [Words(" \N{MIDDLE DOT} ".join(filter(None, [caption, *columns])))]
            yield from (
                [part for cell in row for part in (*flattened(cell), Words(" "))] for row in rows
            )
        case Quote(inner, label):
            yield flattened(inner)
            yield [Words(label)]
        case Callout(_, label, inner):
            yield [Words(label, ("b",))]
            yield flattened(inner)


def _lines_of_medium(node: Figure | Gallery | Embed) -> Iterator[list[Inline]]:
    match node:
        case Figure(picture, caption):
            yield [picture]
            yield [Words(caption)]
        case Gallery(figures):
            for figure in figures:
                yield from _lines_of_medium(figure)
        case Embed(url, caption):
            yield [Words(caption or url, (), url)]


def tidy(inlines: list[Inline]) -> list[Inline]:
    """With white space as a browser shows it, and neighbours of one look put together."""
    found: list[Inline] = []
    for item in inlines:
        if not isinstance(item, Words):
            _strip_end(found, is_break=isinstance(item, LineBreak))
            found.append(item)
            continue
        text = _SPACE.sub(" ", item.text)
        if text.startswith(" ") and _ends_open(found):
            text = text[1:]
        if not text:
            continue
        last = found[-1] if found else None
        if isinstance(last, Words) and (last.marks, last.href) == (item.marks, item.href):
            found[-1] = Words(last.text + text, last.marks, last.href)
        else:
            found.append(item if text == item.text else Words(text, item.marks, item.href))
    while found and (isinstance(found[-1], LineBreak) or _is_blank(found[-1])):
        found.pop()
    _strip_end(found, is_break=True)
    while found and isinstance(found[0], LineBreak):
        found.pop(0)
    return found


def _is_blank(item: Inline) -> bool:
    return isinstance(item, Words) and item.text == " "


def _ends_open(found: list[Inline]) -> bool:
    """Whether a space at this place would not be seen."""
    if not found or isinstance(found[-1], LineBreak):
        return True
    last = found[-1]
    return isinstance(last, Words) and last.text.endswith(" ")


def _strip_end(found: list[Inline], *, is_break: bool) -> None:
    last = found[-1] if found else None
    if is_break and isinstance(last, Words) and last.text.endswith(" "):
        text = last.text[:-1]
        if text:
            found[-1] = Words(text, last.marks, last.href)
        else:
            found.pop()
