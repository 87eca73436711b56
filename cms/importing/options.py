"""What a person may say about an import, and how it tells of its progress."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from wagtail.models import Page, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How an import is to be done.

    `parent` is the page below which sections and pages go; None for the site's home page.
    `author_map` leads from an author's name at the source to the slug or the title of a profile
    that is here already. `media_dir` is a folder with copies of the files; `fetches_media` says
    whether what is not there is asked of the source's server. `overwrites` gives up edits made
    here for those made there. `report_dir` is where the report goes; None for a folder of the
    run's own under `GALLEY_VAR/imports`.
    """

    site: Site
    parent: Page | None = None
    author_map: Mapping[str, str] = field(default_factory=dict)
    is_dry_run: bool = False
    media_dir: Path | None = None
    fetches_media: bool = True
    overwrites: bool = False
    report_dir: Path | None = None


class Progress(Protocol):
    """Who shows how far an import has got."""

    def begin(self, stage: str, total: int | None) -> None:
        """A stage begins: "Reading", "Importing", "Linking". None where nobody knows how much."""

    def advance(self, count: int = 1, *, outcome: str = "") -> None:
        """That many items more are dealt with."""


class Silent:
    """Shows nothing."""

    def begin(self, stage: str, total: int | None) -> None:
        """Nothing to show."""

    def advance(self, count: int = 1, *, outcome: str = "") -> None:
        """Nothing to show."""
