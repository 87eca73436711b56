"""One import from its beginning to its report."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from wagtail.models import Page, Site

from cms.importing.addresses import AddressReader
from cms.importing.apply import apply_plan
from cms.importing.author_map import map_authors
from cms.importing.authors import match_authors
from cms.importing.content import Source, SourceBroken
from cms.importing.context import RunContext
from cms.importing.media import MediaFinder
from cms.importing.old_addresses import make_redirects
from cms.importing.options import ImportOptions, Progress, Silent
from cms.importing.plan import count_work, plan
from cms.importing.public_sizes import PublicSizes
from cms.importing.reading import spool
from cms.importing.report import Outcome, ReportItem, ReportWriter
from cms.importing.report_files import admin_url, store_report
from cms.importing.resolve import schemes_of
from cms.importing.scratch import Result, Scratch
from cms.models import HomePage, ImportRun, ImportSource
from cms.site_map import read_site_map
from core.interface import make_leader_lock, utc_now

_LOCK_BASE: Final = 7_002_000_000_000
_REPORT_BATCH: Final = 500


class ImportRefused(Exception):
    """Nothing was begun: another run of the same source is under way, or an option is wrong."""


def run_import(
    source: Source, options: ImportOptions, *, progress: Progress | None = None
) -> ImportRun:
    """Brings everything of `source` in, and writes the report.

    Works in batches that each commit, so a run that was killed is continued by the next. A
    second run of an unchanged source writes nothing but its own row and report. A rehearsal
    gives a row that is not saved. A source that cannot be read gives a run with the status
    `failed` and the reason in `error`; then nothing of it was imported.

    Raises:
        ImportRefused: nothing was begun; the text says why.
    """
    with _alone(source, options.site), Scratch() as scratch, PublicSizes() as sizes:
        return _Run(source, options, progress or Silent(), scratch, sizes).perform()


@contextmanager
def _alone(source: Source, site: Site) -> Iterator[None]:
    """Holds the source's lock, which ends with the process at the latest."""
    name = f"{site.pk}:{source.name}:{source.identity}"
    lock = make_leader_lock(_LOCK_BASE + zlib.crc32(name.encode("utf-8", "replace")))
    if not lock.acquire():
        raise ImportRefused("An import of the same source is under way. Try again when it is done.")
    try:
        yield
    finally:
        lock.release()


@dataclass(slots=True)
class _Run:
    source: Source
    options: ImportOptions
    progress: Progress
    scratch: Scratch
    sizes: PublicSizes

    def perform(self) -> ImportRun:
        row, run = self._begin()
        folder = self.options.report_dir or Path(settings.VAR_DIR) / "imports" / str(row.pk)
        row.report_folder = str(folder)
        report = ReportWriter(
            folder,
            source_name=self.source.name,
            identity=self.source.identity,
            is_dry_run=self.options.is_dry_run,
            admin_url=admin_url(),
        )
        if not self.options.is_dry_run:
            row.save(force_insert=True)
        try:
            self._import(run)
        except SourceBroken as problem:
            row.status, row.error = ImportRun.Status.FAILED, str(problem)
        except BaseException as problem:
            row.status = ImportRun.Status.FAILED
            row.error = f"It was broken off: {type(problem).__name__} {problem}".strip()
            self._finish(row, run, report)
            raise
        else:
            row.status = ImportRun.Status.FINISHED
        self._finish(row, run, report)
        return row

    def _begin(self) -> tuple[ImportRun, RunContext]:
        options, is_dry_run = self.options, self.options.is_dry_run
        home = _home_of(options.site, is_dry_run=is_dry_run)
        known = {"site": options.site, "name": self.source.name, "identity": self.source.identity}
        found = ImportSource.objects.filter(**known).first()
        if found is None and not is_dry_run:
            found = ImportSource.objects.create(**known)
        reader = AddressReader(self.source.hosts, self.source.base_url)
        run = RunContext(
            options=options,
            scratch=self.scratch,
            reader=reader,
            progress=self.progress,
            site=options.site,
            home=home,
            finder=MediaFinder(media_dir=options.media_dir, fetches=options.fetches_media),
            sizes=self.sizes,
            source=found,
            now=utc_now(),
        )
        return ImportRun(source=found or ImportSource(**known)), run

    def _import(self, run: RunContext) -> None:
        self.progress.begin("Reading", self.source.size())
        spool(self.source, self.scratch, run.reader, self.progress)
        plan(self.scratch, run.source)
        map_authors(run)
        match_authors(run)
        run.schemes = schemes_of(self.scratch)
        self.progress.begin("Importing", count_work(self.scratch))
        apply_plan(run)
        if not run.is_dry_run:
            make_redirects(run)

    def _finish(self, row: ImportRun, run: RunContext, report: ReportWriter) -> None:
        if row.status == ImportRun.Status.FINISHED or run.schemes:
            for item in _report_items(self.scratch):
                report.add(item)
        folder = report.finish(row.error or None).parent
        row.counts = {kind: dict(counts) for kind, counts in report.counts.items()}
        row.finished_at = utc_now()
        if not self.options.is_dry_run:
            row.save()
            store_report(row.pk, folder)


def _home_of(site: Site, *, is_dry_run: bool) -> Page:
    """The website's home page; made where there is only Wagtail's word of welcome."""
    root = site.root_page
    if type(root.specific) is not Page or root.get_children().exists() or is_dry_run:
        return root
    with transaction.atomic():
        home = HomePage(title=site.site_name or "Home", slug="home-page", locale=root.locale)
        Page.objects.get(depth=1).add_child(instance=home)
        site.root_page = home
        site.save()
        home.save_revision().publish()
        if not root.is_root():
            root.delete()
        home.refresh_from_db()
        return home


def _report_items(scratch: Scratch) -> Iterator[ReportItem]:
    batch: list[Result] = []
    for result in scratch.results():
        batch.append(result)
        if len(batch) == _REPORT_BATCH:
            yield from _with_paths(batch)
            batch = []
    yield from _with_paths(batch)


def _with_paths(batch: list[Result]) -> Iterator[ReportItem]:
    site_map = read_site_map()
    pages = Page.objects.in_bulk([result.page_id for result in batch if result.page_id])
    for result in batch:
        page = pages.get(result.page_id or 0)
        place = None if page is None else site_map.locate(page)
        yield _report_item(result if place is None else replace(result, new_path=place[1]))


def _report_item(result: Result) -> ReportItem:
    return ReportItem(
        kind=result.kind,
        key=result.key,
        where=result.where,
        title=result.title,
        outcome=Outcome(result.outcome),
        page_id=result.page_id,
        old_address=result.old_address,
        new_path=result.new_path,
        notes=result.notes,
    )
