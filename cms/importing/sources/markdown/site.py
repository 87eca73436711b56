"""What kind of site a folder holds, and its settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import StrEnum
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from cms.importing.content import SourceBroken
from cms.importing.sources.markdown.dates import zone_named
from cms.importing.sources.markdown.folder import FileRefused, Folder
from cms.importing.sources.markdown.front_matter import FrontMatterBroken, read_values

MARKDOWN: Final = (".md", ".markdown", ".mdown", ".mkd")
_LOOKED_AT: Final = 200


class Flavour(StrEnum):
    """A generator whose conventions a folder keeps."""

    ZOLA = "zola"
    HUGO = "hugo"
    JEKYLL = "jekyll"
    PLAIN = "plain"


_SETTINGS: Final = (
    ("zola.toml", Flavour.ZOLA),
    *((f"hugo.{kind}", Flavour.HUGO) for kind in ("toml", "yaml", "yml", "json")),
    *((f"config/_default/hugo.{kind}", Flavour.HUGO) for kind in ("toml", "yaml", "yml", "json")),
    ("_config.yml", Flavour.JEKYLL),
    ("_config.yaml", Flavour.JEKYLL),
    ("config.toml", None),
    ("config.yaml", Flavour.HUGO),
    ("config.yml", Flavour.HUGO),
    ("config.json", Flavour.HUGO),
)


@dataclass(frozen=True, slots=True)
class Site:
    """A site's conventions. `content` is the folder of its texts, empty for the whole folder.

    `files` are the folders whose files lie at the root of the website.
    """

    flavour: Flavour
    content: str = ""
    files: tuple[str, ...] = ()
    base_url: str = ""
    zone: tzinfo = UTC
    languages: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def base_path(self) -> str:
        """The path below which the whole website lay, as "/blog"; empty for the root."""
        return urlsplit(self.base_url).path.rstrip("/")

    def setting(self, name: str, default: Any = None) -> Any:
        """A setting, whatever the case of its letters (Hugo does not mind it)."""
        return next(
            (value for key, value in self.settings.items() if key.lower() == name.lower()), default
        )


def read_site(folder: Folder, *, flavour: Flavour | None = None, base_url: str = "") -> Site:
    """The conventions of a folder: by its settings, else by its shape.

    Raises:
        SourceBroken: its settings cannot be read.
    """
    name, found = _settings_file(folder)
    settings = _read_settings(folder, name) if name else {}
    if found is None and name:
        keys = {key.lower() for key in settings}
        found = Flavour.HUGO if keys & {"baseurl", "languagecode", "theme_dir"} else Flavour.ZOLA
    chosen = flavour or found or _by_shape(folder)
    content, files = _folders(folder, chosen)
    address = base_url or _base_url(chosen, settings)
    return Site(
        flavour=chosen,
        content=content,
        files=files,
        base_url=address.rstrip("/"),
        zone=zone_named(settings.get("timezone") or settings.get("timeZone")),
        languages=_languages(settings),
        settings=settings,
    )


def _settings_file(folder: Folder) -> tuple[str, Flavour | None]:
    return next(((name, kind) for name, kind in _SETTINGS if folder.has(name)), ("", None))


def _read_settings(folder: Folder, name: str) -> dict[str, Any]:
    kind = name.rpartition(".")[2].replace("yml", "yaml")
    try:
        return read_values(folder.text(name), kind)
    except (FileRefused, FrontMatterBroken) as problem:
        raise SourceBroken(f"{name}: {problem}") from problem


def _base_url(flavour: Flavour, settings: Mapping[str, Any]) -> str:
    if flavour is Flavour.JEKYLL:
        found = f"{settings.get('url') or ''}{settings.get('baseurl') or ''}"
    else:
        names = [key for key in settings if key.lower() in {"base_url", "baseurl"}]
        found = str(settings[names[0]]) if names else ""
    return found if found.startswith(("http://", "https://")) else ""


def _folders(folder: Folder, flavour: Flavour) -> tuple[str, tuple[str, ...]]:
    if flavour is Flavour.JEKYLL:
        source = "src" if folder.has_folder("src/_posts") else ""
        return source, (source,)
    content = "content" if folder.has_folder("content") else ""
    named = [name for name in ("static", "assets", "public") if folder.has_folder(name)]
    return content, tuple([*named, content] if content else [*named, ""])


def _languages(settings: Mapping[str, Any]) -> frozenset[str]:
    found = settings.get("languages")
    names = list(found) if isinstance(found, dict | list) else []
    default = settings.get("default_language") or settings.get("defaultContentLanguage")
    return frozenset(str(name).lower() for name in [*names, default] if isinstance(name, str))


def _by_shape(folder: Folder) -> Flavour:
    if any(folder.has_folder(name) for name in ("_posts", "_drafts", "_layouts", "src/_posts")):
        return Flavour.JEKYLL
    if folder.has_folder("archetypes"):
        return Flavour.HUGO
    sections = [""] if folder.has("_index.md") or folder.has("content/_index.md") else []
    heads: set[str] = set()
    for entry in islice(folder.entries(), _LOOKED_AT):
        if entry.is_link or not entry.path.endswith(MARKDOWN):
            continue
        if entry.path.endswith("_index.md"):
            sections.append(entry.path)
        try:
            heads.add(folder.text(entry.path)[:3])
        except FileRefused:
            continue
    if "+++" in heads:
        return Flavour.ZOLA
    return Flavour.HUGO if sections else Flavour.PLAIN
