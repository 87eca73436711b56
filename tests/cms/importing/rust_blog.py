"""The Rust blog's files as another reader sees them: plain patterns, none of the importer's code.

754 files in Zola's form, of thirteen years and hundreds of hands. What stands in them is counted
here line by line, so that what the API says can be held against it.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

HOST = "https://blog.rust-lang.org"
_REPOSITORY = Path(__file__).resolve().parents[3]
_FIELD = re.compile(r'^(path|title) = (?:"(.*)"|\'(.*)\')$', re.MULTILINE)
_LIST = re.compile(r"^(authors|aliases) = \[(.*?)\]$", re.MULTILINE | re.DOTALL)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'')
_FENCE = re.compile(r"^([ >*\d.+-]*?)(`{3,}|~{3,})(.*)$")
_HIDDEN = re.compile(r"^<!--.*?-->", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^(?: {4}|\t)", re.MULTILINE)
_NAMED = re.compile(
    r"^ {0,3}\[([^\]\n]+)\]:\s*<?(?:https?://blog\.rust-lang\.org)?(/[^\s>]*)", re.MULTILINE
)
_LINK = re.compile(
    r"(?:\]\(<?|href=[\"']|<)(?:https?://blog\.rust-lang\.org)?(/[^\s)\"'>]*)",
    re.MULTILINE,
)


def folder() -> Path:
    shared = os.environ.get("GALLEY_SHARED_DATA") or str(_REPOSITORY.parent / "shared" / "data")
    found = Path(shared) / "rust-blog"
    if not found.is_dir():
        pytest.skip(f"needs the Rust blog in {found}; GALLEY_SHARED_DATA names its folder")
    return found


@dataclass
class File:
    """A file of the blog. `code` is what its fences hold, line by line without the indent."""

    path: Path
    head: str = field(repr=False)
    body: str = field(repr=False)

    @cached_property
    def fields(self) -> dict[str, str]:
        found = {name: double or single for name, double, single in _FIELD.findall(self.head)}
        return {name: value.replace('\\"', '"') for name, value in found.items()}

    def strings(self, name: str) -> list[str]:
        lists = (inside for key, inside in _LIST.findall(self.head) if key == name)
        return [text.replace('\\"', '"') for inside in lists for text in _strings(inside)]

    @property
    def url(self) -> str:
        path = self.fields.get("path") or str(self.path.relative_to(folder()).with_suffix(""))
        return f"/{path.strip('/')}/"

    @property
    def aliases(self) -> list[str]:
        return [f"/{alias.strip('/')}" for alias in self.strings("aliases")]

    @property
    def is_post(self) -> bool:
        return re.match(r"/\d{4}/|/inside-rust/\d{4}/", self.url) is not None

    @property
    def date(self) -> str:
        found = re.search(r"(\d{4})/(\d\d)/(\d\d)", self.url)
        return "-".join(found.groups()) if found else ""

    @cached_property
    def fences(self) -> list[list[str]]:
        """The lines of each fence."""
        return [lines for is_code, lines in self._parts() if is_code]

    @cached_property
    def prose(self) -> str:
        """What stands outside of the fences."""
        return "\n".join(line for is_code, lines in self._parts() if not is_code for line in lines)

    @property
    def has_other_code(self) -> bool:
        """Whether code may stand in another form than in fences."""
        return bool(_INDENTED.search(self.prose)) or "<pre" in self.prose

    def links(self) -> list[str]:
        """The paths of the blog that the prose links to, without fragments."""
        text = re.sub(r"`[^`\n]*`", "", self.prose)
        named = _NAMED.findall(text)
        used = {label.casefold() for label in re.findall(r"\[([^\[\]]+)\](?!:)", self.prose)}
        paths = [path for label, path in named if label.casefold() in used] + _LINK.findall(text)
        return [path.split("#")[0].split("?")[0] for path in paths]

    def _parts(self) -> Iterator[tuple[bool, list[str]]]:
        opened = quoted = ""
        lines: list[str] = []
        for line in _HIDDEN.sub("", self.body).split("\n"):
            found = _FENCE.match(line)
            if opened and found and found[2].startswith(opened) and not found[3].strip("`~ "):
                yield True, lines
                opened, lines = "", []
            elif not opened and found and "`" not in found[3]:
                yield False, lines
                opened, quoted, lines = found[2], "> "[: 2 * found[1].count(">")], []
            else:
                lines.append(line.lstrip().removeprefix(quoted.strip()) if quoted else line)
        yield bool(opened), lines


def _strings(inside: str) -> list[str]:
    return [double or single for double, single in _STRING.findall(inside)]


def files() -> list[File]:
    """All texts but the indexes."""
    found = []
    for path in sorted(folder().rglob("*.md")):
        _, head, body = path.read_text().split("+++\n", 2)
        if path.name != "_index.md":
            found.append(File(path, head, body))
    return found
