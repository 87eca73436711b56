"""Reads the block editor's comments: `<!-- wp:image {"id": 5} -->…<!-- /wp:image -->`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

_MARK: Final = re.compile(r"<!--\s{0,9}(/?)wp:([a-z][a-z0-9_-]*/)?([a-z][a-z0-9_-]*)(?=[\s/-])")
_MAX_DEPTH: Final = 40


@dataclass(slots=True)
class EditorBlock:
    """A block of the editor; `name` without "core/". Text outside of all blocks is "freeform"."""

    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    inner: "list[Part]" = field(default_factory=list)

    @property
    def children(self) -> "list[EditorBlock]":
        return [part for part in self.inner if isinstance(part, EditorBlock)]

    def own_markup(self) -> str:
        """Its HTML without that of the blocks in it."""
        return "".join(part for part in self.inner if isinstance(part, str))

    def markup(self) -> str:
        """Its HTML with that of all blocks in it, without the comments."""
        return "".join(part if isinstance(part, str) else part.markup() for part in self.inner)


Part: TypeAlias = "str | EditorBlock"


def has_blocks(text: str) -> bool:
    """Whether the block editor wrote it."""
    return "<!-- wp:" in text


def parse_blocks(text: str) -> list[EditorBlock]:
    """The blocks in order. What is not closed ends with the text; a stray end is passed over."""
    top = EditorBlock("")
    stack = [top]
    position = 0
    for mark in _MARK.finditer(text):
        if mark.start() < position:
            continue
        end = text.find("-->", mark.end())
        if end < 0:
            break
        _add_text(stack, text[position : mark.start()])
        position = end + 3
        name = f"{mark[2] or ''}{mark[3]}".removeprefix("core/")
        attributes = text[mark.end() : end].strip()
        if mark[1]:
            _close(stack, name)
            continue
        block = EditorBlock(name, _attributes(attributes.removesuffix("/")))
        stack[-1].inner.append(block)
        if not attributes.endswith("/") and len(stack) < _MAX_DEPTH:
            stack.append(block)
    _add_text(stack, text[position:])
    return [part for part in top.inner if isinstance(part, EditorBlock)]


def _add_text(stack: list[EditorBlock], text: str) -> None:
    if len(stack) > 1:
        stack[-1].inner.append(text)
    elif text.strip():
        stack[-1].inner.append(EditorBlock("freeform", {}, [text]))


def _close(stack: list[EditorBlock], name: str) -> None:
    for index in range(len(stack) - 1, 0, -1):
        if stack[index].name == name:
            del stack[index:]
            return


def _attributes(text: str) -> Mapping[str, Any]:
    try:
        read = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
