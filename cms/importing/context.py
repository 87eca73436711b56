"""What every part of a run needs to know."""

from dataclasses import dataclass, field
from datetime import datetime

from wagtail.models import Locale, Page, Site

from cms.importing.addresses import AddressReader
from cms.importing.media import MediaFinder
from cms.importing.options import ImportOptions, Progress
from cms.importing.public_sizes import PublicSizes
from cms.importing.resolve import Resolver
from cms.importing.scratch import Result, Scratch, Spooled
from cms.models import ImportSource

FIRST_IMPOSSIBLE_KEY = -1
"""A rehearsal gives what it would make keys below zero, which no row ever has."""


@dataclass(slots=True)
class RunContext:
    """One run: what was asked for, where things are kept, and what they have become."""

    options: ImportOptions
    scratch: Scratch
    reader: AddressReader
    progress: Progress
    site: Site
    home: Page
    finder: MediaFinder
    sizes: PublicSizes
    source: ImportSource | None
    """None in a rehearsal of a source that was never imported."""
    now: datetime
    schemes: frozenset[str] = frozenset()
    _locales: dict[str, Locale] = field(default_factory=dict)
    _next_key: int = FIRST_IMPOSSIBLE_KEY

    @property
    def is_dry_run(self) -> bool:
        """Whether nothing may be written."""
        return self.options.is_dry_run

    @property
    def saved_source(self) -> ImportSource:
        """The source's row, which every run has that writes."""
        if self.source is None:
            raise RuntimeError("A rehearsal has no row.")
        return self.source

    def resolver(self) -> Resolver:
        """A resolver for one item."""
        return Resolver(self.scratch, self.reader, self.schemes, self.home.pk)

    def new_key(self) -> int:
        """The key of something that a rehearsal would have made."""
        self._next_key -= 1
        return self._next_key

    def locale(self, code: str | None) -> Locale | None:
        """The language of this code; the home page's for none; None for one not set up here."""
        if not self._locales:
            self._locales.update({row.language_code.lower(): row for row in Locale.objects.all()})
            self._locales[""] = self._locales[self.home.locale.language_code.lower()]
        wish = (code or "").lower().replace("_", "-")
        return self._locales.get(wish) or self._locales.get(wish.partition("-")[0] if wish else "")

    def finish_item(self, result: Result) -> None:
        """Keeps what became of an item and moves the bar."""
        self.scratch.add_result(result)
        self.progress.advance(outcome=result.outcome)


def result_of(spooled: Spooled, outcome: str, **values: object) -> Result:
    """The report's line for an item: its own words, and what is given."""
    item = spooled.item
    notes = (*item.notes, *values.pop("notes", ()))  # type: ignore[misc]
    return Result(
        seq=spooled.seq,
        kind=item.kind.value,
        key=item.key,
        where=item.where,
        title=item.title,
        outcome=outcome,
        old_address=item.addresses[0] if item.addresses else "",
        notes=notes,
        **values,  # type: ignore[arg-type]
    )
