"""A folder of Markdown that a test writes, and what the adapter reads from it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cms.importing.content import Skipped, SourceItem
from cms.importing.sources.markdown.site import Flavour
from cms.importing.sources.markdown.source import MarkdownSource

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes the files, with the folders that they need."""
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


class Reading:
    """Everything that a folder gave."""

    def __init__(
        self, root: Path, files: Mapping[str, str | bytes], flavour: str = "", base_url: str = ""
    ) -> None:
        self.source = MarkdownSource(
            write(root, files), flavour=Flavour(flavour) if flavour else None, base_url=base_url
        )
        self.things = list(self.source.items())
        self.items = {thing.key: thing for thing in self.things if isinstance(thing, SourceItem)}
        self.skipped = {thing.key: thing for thing in self.things if isinstance(thing, Skipped)}

    def __getitem__(self, key: str) -> SourceItem:
        return self.items[key]

    def kinds(self) -> dict[str, str]:
        return {key: item.kind.value for key, item in self.items.items()}

    def codes(self, key: str) -> list[str]:
        return [note.code for note in self.items[key].notes]

    def body(self, key: str) -> list[Any]:
        return [dict(block) for block in self.items[key].body]

    def html(self, key: str) -> str:
        """The texts of a body, one after the other."""
        return "".join(str(b["value"]) for b in self.items[key].body if b["type"] == "rich_text")
