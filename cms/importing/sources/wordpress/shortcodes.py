"""Finds WordPress's shortcodes: `[gallery ids="1,2"]`, `[caption]…[/caption]`, `[[escaped]]`."""

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from cms.importing.sources.wordpress.markup import mask

_OPENING: Final = re.compile(r"\[([A-Za-z][\w-]*)(?![\w-])([^\[\]]*)\]")
_ATTRIBUTE: Final = re.compile(
    r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s'"]+))|"([^"]*)"|'([^']*)'|(\S+)"""
)
# The quotation marks that WordPress makes of straight ones.
_TYPOGRAPHIC: Final = str.maketrans(
    {0x201C: '"', 0x201D: '"', 0x2033: '"', 0x2019: "'", 0x2032: "'"}
)


@dataclass(frozen=True, slots=True)
class Shortcode:
    """A shortcode as it stands in a text, from `start` to before `end`."""

    start: int
    end: int
    name: str
    attributes: Mapping[str, str]
    """Those without a name stand under "0", "1", …"""
    content: str
    is_escaped: bool = False

    def get(self, name: str) -> str:
        return self.attributes.get(name, "").strip()


def find_shortcodes(
    text: str, *, names: Collection[str], enclosing: Collection[str]
) -> list[Shortcode]:
    """The shortcodes of these names, in order, none within another.

    What stands in a tag or in `<pre>` is left alone. Those in `enclosing` reach to their closing
    tag if there is one.
    """
    masked = mask(text)
    found: list[Shortcode] = []
    position = 0
    without_end: set[str] = set()
    # An attribute may hold tags, as older captions do, so only brackets inside tags are hidden.
    while (opening := _OPENING.search(masked, position)) is not None:
        position = opening.end()
        if opening[1] not in names:
            continue
        shortcode = _read(text, masked, opening, without_end if opening[1] in enclosing else None)
        found.append(shortcode)
        position = shortcode.end
    return found


def _read(
    text: str, masked: str, opening: re.Match[str], without_end: set[str] | None
) -> Shortcode:
    """`without_end` remembers names that are not closed any more; None for a name that never is."""
    start, end = opening.span()
    inside = text[opening.start(2) : opening.end(2)]
    content = ""
    is_closed = inside.rstrip().endswith("/")
    if without_end is not None and not is_closed and opening[1] not in without_end:
        closing = masked.find(f"[/{opening[1]}]", end)
        if closing < 0:
            without_end.add(opening[1])
        else:
            content = text[end:closing]
            end = closing + len(opening[1]) + 3
    is_escaped = start > 0 and masked[start - 1] == "[" and masked[end : end + 1] == "]"
    if is_escaped:
        start, end = start - 1, end + 1
    return Shortcode(
        start=start,
        end=end,
        name=opening[1],
        attributes=read_attributes(inside.rstrip().removesuffix("/")),
        content=content,
        is_escaped=is_escaped,
    )


def read_attributes(text: str) -> dict[str, str]:
    """`a="1" b='2' c=3 d` as names and values; names in lower case, entities resolved."""
    found: dict[str, str] = {}
    position = 0
    plain = html.unescape(text.replace("\u00a0", " ")).translate(_TYPOGRAPHIC)
    for match in _ATTRIBUTE.finditer(plain):
        if match[1]:
            value = next((part for part in match.group(2, 3, 4) if part is not None), "")
            found[match[1].lower()] = value
        else:
            value = next((part for part in match.group(5, 6, 7) if part is not None), "")
            found[str(position)] = value
            position += 1
    return found


def find_unknown(text: str, *, known: Collection[str]) -> list[str]:
    """The names of what looks like a shortcode of a plug-in, each once, in order.

    Brackets are common in prose: `[sic]` is none, `[contact-form]` alone on its line, one with
    `name=value` and one with a closing tag are.
    """
    masked = mask(text)
    names: dict[str, None] = {}
    closing: set[str] = set(re.findall(r"\[/([A-Za-z][\w-]*)\]", masked))
    for opening in _OPENING.finditer(masked):
        name, inside = opening[1], opening[2]
        if name in known or _is_escaped(masked, opening):
            continue
        if "=" in inside or name in closing or _is_alone(masked, opening):
            names[name] = None
    return list(names)


def _is_escaped(masked: str, opening: re.Match[str]) -> bool:
    return masked[opening.end() : opening.end() + 1] == "]"


def _is_alone(masked: str, opening: re.Match[str]) -> bool:
    start, end = opening.span()
    before, after = masked[max(0, start - 1) : start], masked[end : end + 1]
    return before in {"", "\n", "\x00"} and after in {"", "\n", "\r", "\x00"}
