"""What of each document an answer shows: the parameters `fields` and `include`.

Both are trees over references. They are read once for each distinct text, checked against the
declared types, and turned into numbered nodes: the database walks the same numbers when it
gathers what the answer needs (see `closure`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from delivery.document_types import COMMON_FIELDS, DocumentField, DocumentType, Kind, get_type
from delivery.reading.faults import refuse
from delivery.reading.layout import Layout

MAX_DEPTH: Final = 4
MAX_NODES: Final = 40
_TOKEN: Final = re.compile(r"[a-z][a-z0-9_]*|[(),]")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_COMMON: Final = {item.name: item for item in COMMON_FIELDS}
_REFERENCES: Final = frozenset({Kind.REFERENCE, Kind.REFERENCES})

Tree = Mapping[str, "Tree"]
_Growing = dict[str, "_Growing"]


@dataclass(slots=True, eq=False)
class Node:
    """A place in the answer: which documents stand there is the database's to say.

    `fields` is what to show (None: everything); a field that maps to a node is a reference
    whose target shows the fields of that node too. `includes` are the references whose
    targets stand in the side block. `types` are those that a document here may have.
    """

    number: int
    types: tuple[DocumentType, ...]
    fields: Mapping[str, "Node | None"] | None = None
    includes: Mapping[str, "Node"] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)

    def walk(self) -> Iterator["Node"]:
        """This node and all below it."""
        yield self
        for child in (self.fields or {}).values():
            if child is not None:
                yield from child.walk()
        for child in self.includes.values():
            yield from child.walk()

    def declared(self, name: str) -> list[DocumentField]:
        """The declarations of a field among the types that may stand here."""
        if name in _COMMON:
            return [_COMMON[name]]
        return [item.by_name[name] for item in self.types if name in item.by_name]

    def shows_heavy(self) -> bool:
        """Whether anything shown here is stored in the heavy part of a document."""
        if self.fields is None:
            return any(item.is_heavy for kind in self.types for item in kind.fields)
        return any(item.is_heavy for name in self.fields for item in self.declared(name))


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The root of the trees, and the form of rich text. Each is its own, and stands for its plan."""

    root: Node
    is_json: bool = False
    includes_any: bool = False


def target_types(items: list[DocumentField]) -> tuple[DocumentType, ...]:
    """The known types that these references may point at."""
    return _known(dict.fromkeys(name for item in items for name in item.targets))


def _known(names: Iterable[str]) -> tuple[DocumentType, ...]:
    return tuple(found for name in names if (found := get_type(name)) is not None)


@lru_cache(maxsize=1024)
def read_selection(
    names: tuple[str, ...], fields: str | None, include: str | None, form: str | None
) -> Selection:
    """Reads the parameters `fields`, `include` and `format` for a list of the types of these names.

    Raises:
        Invalid: one of them names what is not there, or nests too deep.
    """
    if form not in {None, "html", "json"}:
        raise refuse("format", "unknown_value", "The format is html or json.")
    counter = _Counter()
    root = Node(counter.next("fields"), _known(names))
    if fields is not None:
        _choose(root, _parse_fields(fields), counter)
    if include is not None:
        _include(root, _parse_include(include), counter)
    return Selection(root=root, is_json=form == "json", includes_any=bool(root.includes))


class _Counter:
    """Numbers the nodes and keeps their number in bounds."""

    def __init__(self) -> None:
        self._last = -1

    def next(self, pointer: str) -> int:
        self._last += 1
        if self._last > MAX_NODES:
            raise refuse(pointer, "too_many", f"At most {MAX_NODES} references may be followed.")
        return self._last


def _parse_fields(text: str) -> Tree:
    """The tree of `title,author(name,photo(src))`."""
    root: _Growing = {}
    stack: list[_Growing] = [root]
    last: str | None = None
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _malformed(position)
        part, position = match[0], match.end()
        if part == "(" and last is not None and last != ")":
            stack.append(stack[-1][last])
            if len(stack) > MAX_DEPTH:
                raise refuse("fields", "too_deep", f"Fields nest at most {MAX_DEPTH} deep.")
            last = None
        elif part == "," and last is not None:
            last = None
        elif part == ")" and last is not None and len(stack) > 1:
            stack.pop()
            last = ")"
        elif part not in {"(", ",", ")"} and last is None:
            if part in stack[-1]:
                raise refuse("fields", "repeated", f"{part} is named twice.")
            stack[-1][part] = {}
            last = part
        else:
            raise _malformed(match.start())
    if last is None or len(stack) > 1:
        raise _malformed(len(text))
    return root


def _malformed(position: int) -> Exception:
    return refuse(
        "fields", "malformed", f"The list of fields breaks off at character {position + 1}."
    )


def _parse_include(text: str) -> Tree:
    """The tree of `author.photo,tags`."""
    root: _Growing = {}
    for path in text.split(","):
        names = path.split(".")
        if len(names) > MAX_DEPTH:
            raise refuse("include", "too_deep", f"Includes nest at most {MAX_DEPTH} deep.")
        level = root
        for name in names:
            if not _NAME.fullmatch(name):
                raise refuse(
                    "include", "malformed", "Write include as author,related_posts.author."
                )
            level = level.setdefault(name, {})
    return root


def _choose(node: Node, tree: Tree, counter: _Counter) -> None:
    chosen: dict[str, Node | None] = {}
    for name, below in tree.items():
        declared = node.declared(name)
        if not declared:
            raise refuse("fields", "unknown_field", f"There is no field {name} here.")
        chosen[name] = None
        if below:
            child = Node(counter.next("fields"), _followed("fields", name, declared))
            _choose(child, below, counter)
            chosen[name] = child
    node.fields = chosen


def _include(node: Node, tree: Tree, counter: _Counter) -> None:
    includes: dict[str, Node] = {}
    for name, below in tree.items():
        declared = node.declared(name)
        if not declared:
            raise refuse("include", "unknown_field", f"There is no field {name} here.")
        child = Node(counter.next("include"), _followed("include", name, declared))
        _include(child, below, counter)
        includes[name] = child
    node.includes = includes


def _followed(pointer: str, name: str, declared: list[DocumentField]) -> tuple[DocumentType, ...]:
    references = [item for item in declared if item.kind in _REFERENCES]
    if not references:
        raise refuse(pointer, "not_a_reference", f"{name} is no reference to other documents.")
    return target_types(references)
