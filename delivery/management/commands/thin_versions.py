"""Removes the distant past of the documents, after saying what that would be."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core.interface import Invalid, utc_now, zulu
from delivery.reading.instants import read_as_of
from delivery.thinning import Removal, plan_removal, thin_history


def instant(text: str) -> datetime:
    """A day, or an instant with its offset from UTC."""
    try:
        if len(text) == len("2026-01-31"):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        found = read_as_of(text)
    except (ValueError, Invalid):
        found = None
    if found is None:
        raise ArgumentTypeError("write a day (2026-01-31) or an instant (2026-01-31T12:00:00Z)")
    return found


class Command(BaseCommand):
    help = (
        "Removes versions of documents that ended before an instant; `as_of` an earlier one then"
        " answers 410. Without --yes it only says what would go. What is public now always stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--before",
            type=instant,
            help="Where history is to begin. Otherwise VERSION_RETENTION_DAYS ago.",
        )
        parser.add_argument("--yes", action="store_true", help="Do it.")
        parser.add_argument("--dry-run", action="store_true", help="Only say; the default.")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["yes"] and options["dry_run"]:
            raise CommandError("--yes and --dry-run contradict each other.")
        before = options["before"] or _by_retention()
        if before > utc_now():
            raise CommandError("History cannot begin in the future.")
        removal = plan_removal(before)
        self._say(removal)
        if not options["yes"]:
            self.stdout.write("Nothing was removed. Add --yes to remove it.")
            return
        total = removal.versions + removal.rows
        with tqdm(total=total, unit="row", desc="Removing", leave=False) as bar:
            thin_history(before, bar.update)
        self.stdout.write(self.style.SUCCESS(f"Removed; history begins {zulu(before, 'seconds')}."))

    def _say(self, removal: Removal) -> None:
        self.stdout.write(
            f"History is to begin {zulu(removal.starts_at, 'seconds')}. To be removed:"
        )
        for item in removal.types:
            self.stdout.write(
                f"  {item.type:<14} {item.versions:>9,} versions {item.size_bytes / 1e6:>9,.1f} MB"
                f"  the oldest from {zulu(item.oldest, 'seconds')}"
            )
        self.stdout.write(
            f"  {removal.versions:,} versions in all, and {removal.rows:,} rows beside."
        )


def _by_retention() -> datetime:
    if not settings.VERSION_RETENTION_DAYS:
        raise CommandError("Everything is kept. Say --before, or set VERSION_RETENTION_DAYS.")
    return utc_now() - timedelta(days=settings.VERSION_RETENTION_DAYS)
