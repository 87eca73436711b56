"""Where a text matches: whole titles, and the parts of long texts that say most, as safe HTML."""

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from search.analysis import fold

BEFORE: Final = 60
AFTER: Final = 140
"""Characters shown around a match."""
MOST_FRAGMENTS: Final = 2
_MOST_PLACES: Final = 60
_ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True)
class Sought:
    """A word to be marked, folded; with `is_beginning`, whatever begins so."""

    word: str
    group: int
    is_beginning: bool = False


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """From where to where a text matches, and which word of the query."""

    start: int
    end: int
    group: int


class _Folding(dict[int, int]):
    """Folds letter by letter: what would become several letters stays, so places stay too."""

    def __missing__(self, code: int) -> int:
        folded = fold(chr(code))
        self[code] = ord(folded) if len(folded) == 1 else code
        return self[code]


_FOLDING: Final = _Folding()


def mark_whole(text: str, sought: Sequence[Sought]) -> str:
    """The whole text with its matches marked; empty where it has none."""
    places = _find(text, sought)
    return _marked(text, 0, len(text), places) if places else ""


def mark_fragments(text: str, sought: Sequence[Sought]) -> tuple[str, ...]:
    """The parts of a text around its matches: those with most of the words, in their order."""
    places = _find(text, sought)
    chosen: list[tuple[int, int]] = []
    for start, end in _windows(text, places):
        if all(end <= other[0] or start >= other[1] for other in chosen):
            chosen.append((start, end))
        if len(chosen) == MOST_FRAGMENTS:
            break
    return tuple(_fragment(text, start, end, places) for start, end in sorted(chosen))


def _find(text: str, sought: Iterable[Sought]) -> list[_Place]:
    """The matches in order; of two that overlap, the first and then the longer one."""
    folded = text.lower() if text.isascii() else text.translate(_FOLDING)
    found = {place for item in sought for place in _places(folded, item)}
    places: list[_Place] = []
    for place in sorted(found, key=lambda place: (place.start, -place.end, place.group)):
        if not places or place.start >= places[-1].end:
            places.append(place)
    return places


def _places(folded: str, item: Sought) -> Iterator[_Place]:
    start = folded.find(item.word)
    count = 0
    while start >= 0 and count < _MOST_PLACES:
        end = start + len(item.word)
        if start == 0 or not folded[start - 1].isalnum():
            if item.is_beginning:
                while end < len(folded) and folded[end].isalnum():
                    end += 1
            if end == len(folded) or not folded[end].isalnum():
                count += 1
                yield _Place(start, end, item.group)
        start = folded.find(item.word, end)


def _windows(text: str, places: Sequence[_Place]) -> list[tuple[int, int]]:
    """Stretches of the text with a match near their start: those with most words first."""
    ranked = []
    for index, first in enumerate(places):
        end = first.start + AFTER
        inside = [place for place in places[index : index + 20] if place.end <= end]
        groups = len({place.group for place in inside})
        ranked.append((-groups, -len(inside), first.start))
    ranked.sort()
    return [_whole_words(text, start) for *_, start in ranked]


def _whole_words(text: str, start: int) -> tuple[int, int]:
    begin, end = max(0, start - BEFORE), min(len(text), start + AFTER)
    line = text.rfind("\n", begin, start)
    if line >= 0:
        begin = line + 1
    elif begin:
        begin = text.find(" ", begin, start) + 1 or begin
    if end < len(text):
        blank = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
        end = blank if blank > start else end
    return begin, end


def _fragment(text: str, start: int, end: int, places: Iterable[_Place]) -> str:
    before = _ELLIPSIS if start and text[start - 1] != "\n" else ""
    after = _ELLIPSIS if end < len(text) and text[end] != "\n" else ""
    inside = [place for place in places if place.start >= start and place.end <= end]
    return f"{before}{_marked(text, start, end, inside)}{after}"


def _marked(text: str, start: int, end: int, places: Iterable[_Place]) -> str:
    parts = []
    position = start
    for place in places:
        parts.append(_escaped(text[position : place.start]))
        parts.append(f"<mark>{_escaped(text[place.start : place.end])}</mark>")
        position = place.end
    parts.append(_escaped(text[position:end]))
    return "".join(parts)


def _escaped(text: str) -> str:
    return html.escape(text.replace("\n", " "), quote=True)
