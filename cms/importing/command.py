"""What every `import_…` command shares: its arguments, its progress bar and its last words."""

import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm
from wagtail.models import Page, Site

from cms.importing.author_map import MapUnreadable, find_profile, read_pairs
from cms.importing.content import Source, SourceBroken
from cms.importing.options import ImportOptions
from cms.importing.run import ImportRefused, run_import
from cms.models import ImportRun


class ImportCommand(BaseCommand, ABC):
    """A command for one kind of source: it adds its own arguments and makes the source.

    Leaves with 0 when the source was read to its end, whatever single items came to; with 1 when
    nothing could be imported, with 2 when the arguments are wrong.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        """The shared arguments; a subclass adds its own before or after."""
        parser.add_argument(
            "--site",
            metavar="HOST[:PORT]",
            help="The website that the content is for; the default one if left out.",
        )
        parser.add_argument(
            "--parent",
            metavar="PATH",
            help="The page of that website below which the content goes, such as /archive/;"
            " the home page if left out.",
        )
        parser.add_argument(
            "--author-map",
            action="append",
            default=[],
            metavar="NAME=PROFILE",
            help="An author at the source is a profile that is here already, by its slug or"
            " title. May be given several times; a file holds many: one on each line, or two columns"
            " (.csv), or an object (.json).",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Writes nothing but the report, which says what an import would do.",
        )
        parser.add_argument(
            "--media-dir",
            type=Path,
            metavar="FOLDER",
            help="A folder with copies of the source's files, looked through before its server.",
        )
        parser.add_argument(
            "--no-fetch",
            action="store_true",
            help="Asks no server for files. What is missing becomes a placeholder, which"
            " `manage.py fetch_media` replaces later.",
        )
        parser.add_argument(
            "--overwrite",
            action="store_true",
            help="Changes at the source replace changes made here.",
        )
        parser.add_argument(
            "--report-dir",
            type=Path,
            metavar="FOLDER",
            help="Where the report goes; a new folder under GALLEY_VAR/imports if left out.",
        )

    @abstractmethod
    def make_source(self, **options: Any) -> Source:
        """The source that the arguments name.

        Raises `CommandError` with `returncode=2` for arguments that cannot be right, and
        `SourceBroken` for what cannot be opened.
        """

    def handle(self, *_args: Any, **options: Any) -> None:
        """Imports, and tells what came of it and what to do next."""
        chosen = read_options(options)
        with ProgressBar(is_shown=options["verbosity"] > 0) as bar:
            try:
                source = self.make_source(**options)
                run = run_import(source, chosen, progress=bar)
            except SourceBroken as problem:
                raise CommandError(f"Nothing was imported: {problem}") from problem
            except ImportRefused as problem:
                raise CommandError(str(problem)) from problem
        if run.status == ImportRun.Status.FAILED:
            raise CommandError(f"Nothing was imported: {run.error}\nReport: {run.report_folder}")
        self.add_to_report(source, Path(run.report_folder))
        self.stdout.write(summary(run, is_dry_run=chosen.is_dry_run))

    def add_to_report(self, source: Any, folder: Path) -> None:
        """Puts beside the report what else a source has; nothing, unless a command says so."""


def _wrong(message: str) -> CommandError:
    return CommandError(message, returncode=2)


def read_options(options: dict[str, Any]) -> ImportOptions:
    """The shared arguments as the core wants them.

    Raises `CommandError` for a website, page or folder that is not there.
    """
    site = _find_site(options["site"])
    for name in ("media_dir",):
        folder = options[name]
        if folder is not None and not folder.is_dir():
            raise _wrong(f"--{name.replace('_', '-')}: {folder} is not a folder.")
    return ImportOptions(
        site=site,
        parent=None if options["parent"] is None else _find_page(site, options["parent"]),
        author_map=_read_author_map(options["author_map"], site),
        is_dry_run=options["dry_run"],
        media_dir=options["media_dir"],
        fetches_media=not options["no_fetch"],
        overwrites=options["overwrite"],
        report_dir=options["report_dir"],
    )


def _find_site(host: str | None) -> Site:
    sites = Site.objects.select_related("root_page")
    try:
        if host is None:
            return sites.get(is_default_site=True)
        name, _, port = host.partition(":")
        found = sites.filter(hostname__iexact=name)
        return found.get(port=int(port)) if port.isdigit() else found.get()
    except Site.MultipleObjectsReturned:
        raise _wrong(f"--site: {host} has several ports; write HOST:PORT.") from None
    except ObjectDoesNotExist:
        names = ", ".join(f"{site.hostname}:{site.port}" for site in sites)
        raise _wrong(f"--site: there is no such website. There are: {names or 'none'}.") from None


def _find_page(site: Site, path: str) -> Page:
    page = site.root_page
    for slug in path.strip("/").split("/") if path.strip("/") else []:
        page = page.get_children().filter(slug=slug).first()
        if page is None:
            raise _wrong(f"--parent: {site.hostname} has no page at {path}.")
    return page


def _read_author_map(entries: list[str], site: Site) -> dict[str, str]:
    try:
        pairs = read_pairs(entries)
    except MapUnreadable as problem:
        raise _wrong(f"--author-map: {problem}") from problem
    for wish in pairs.values():
        if find_profile(site, wish) is None:
            raise _wrong(f"--author-map: {site.hostname} has no profile “{wish}”.")
    return pairs


class ProgressBar:
    """A bar on the terminal with counts and rate; silent where there is no terminal."""

    def __init__(self, *, is_shown: bool = True) -> None:
        self._is_shown = is_shown and sys.stderr.isatty()
        self._bar: tqdm[Any] | None = None
        self._counts: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self._close()

    def begin(self, stage: str, total: int | None) -> None:
        """Ends the bar of the stage before."""
        self._close()
        self._counts = {}
        self._bar = tqdm(
            total=total, desc=stage, unit=" items", disable=not self._is_shown, leave=True
        )

    def advance(self, count: int = 1, *, outcome: str = "") -> None:
        """Adds to the bar, and to the number behind the outcome's name."""
        if self._bar is None:
            return
        if outcome:
            self._counts[outcome] = self._counts.get(outcome, 0) + count
            self._bar.set_postfix(self._counts, refresh=False)
        self._bar.update(count)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None


OUTCOMES = ("imported", "updated", "unchanged", "skipped", "failed")


def summary(run: ImportRun, *, is_dry_run: bool) -> str:
    """What was found and what became of it, where the report is, and what to do next."""
    totals = {
        outcome: sum(counts.get(outcome, 0) for counts in run.counts.values())
        for outcome in OUTCOMES
    }
    head = "Rehearsed; nothing was written" if is_dry_run else "Imported"
    lines = [
        f"{head}: " + ", ".join(f"{number} {outcome}" for outcome, number in totals.items()) + "."
    ]
    for kind, counts in run.counts.items():
        told = ", ".join(f"{counts[name]} {name}" for name in OUTCOMES if counts.get(name))
        lines.append(f"  {kind:<12} {told}")
    lines.append(f"Report: {Path(run.report_folder) / 'report.html'}")
    lines += _next_steps(run, totals, is_dry_run=is_dry_run)
    return "\n".join(lines)


def _next_steps(run: ImportRun, totals: dict[str, int], *, is_dry_run: bool) -> list[str]:
    if is_dry_run:
        return ["Next: the same command without --dry-run imports it."]
    steps = []
    if totals["failed"]:
        steps.append(
            "Next: the report names what failed and why; once that is mended, the same command"
            " imports the rest."
        )
    if run.source.items.filter(is_placeholder=True).exists():
        steps.append("Next: `manage.py fetch_media` asks again for the files that are missing.")
    return steps
