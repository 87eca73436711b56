"""A file of a folder with its head read: what the conventions of the generators ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cms.importing.sources.markdown.front_matter import Parts
from cms.importing.sources.markdown.site import Site

_NESTED: Final = ("extra", "params")


@dataclass(frozen=True, slots=True)
class Document:
    """`path` is relative to the folder, `inner` to the folder of the site's texts."""

    path: str
    inner: str
    parts: Parts
    site: Site

    @property
    def folder(self) -> str:
        """The folder of the file, relative to the whole."""
        return self.path.rpartition("/")[0]

    @property
    def inner_folder(self) -> str:
        """The folder of the file, relative to the site's texts."""
        return self.inner.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """The file's name without its ending and its language."""
        stem = self.path.rpartition("/")[2].rpartition(".")[0]
        bare, dot, last = stem.rpartition(".")
        return bare if dot and last.lower() in self.site.languages else stem

    @property
    def language(self) -> str:
        """The language that the file's name or its head gives; empty for none."""
        stem = self.path.rpartition("/")[2].rpartition(".")[0]
        _, dot, last = stem.rpartition(".")
        if dot and last.lower() in self.site.languages:
            return last.lower()
        named = self.field("lang", "language", "locale")
        return named.strip() if isinstance(named, str) else ""

    def field(self, *names: str) -> Any:
        """The first of these fields that is there, at the top or among the theme's own."""
        tables: list[Mapping[str, Any]] = [self.parts.values]
        tables += [
            table for name in _NESTED if isinstance(table := self.parts.values.get(name), dict)
        ]
        for name in names:
            for table in tables:
                for key, value in table.items():
                    if key.lower() == name.lower() and value is not None and value != "":
                        return value
        return None

    def top_field(self, name: str) -> Any:
        """A field of the head itself."""
        return next(
            (value for key, value in self.parts.values.items() if key.lower() == name.lower()), None
        )

    def text(self, *names: str) -> str:
        """As `field`, as words; empty where it is a table or a list."""
        value = self.field(*names)
        if value is None or isinstance(value, dict | list):
            return ""
        return " ".join(str(value).split())

    def is_set(self, name: str) -> bool:
        """Whether a switch of the head is on."""
        value = self.top_field(name)
        return value is True or (
            isinstance(value, str) and value.strip().lower() in {"true", "yes"}
        )

    def is_unset(self, name: str) -> bool:
        """Whether a switch of the head is there and off."""
        value = self.top_field(name)
        return value is False or (
            isinstance(value, str) and value.strip().lower() in {"false", "no"}
        )
