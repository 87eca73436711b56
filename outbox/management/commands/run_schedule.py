"""Runs one entry of the schedule now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outbox.schedules import load_schedule, run_tracked


class Command(BaseCommand):
    help = (
        "Runs one entry of site_config/schedule.py now, beside the scheduler if need be, and fails"
        " if it fails. Without a name, lists the entries."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="The entry's name.")

    def handle(self, *_args: Any, **options: Any) -> None:
        entries = {entry.name: entry for entry in load_schedule()}
        name = options["name"]
        if name is None:
            for entry in entries.values():
                self.stdout.write(f"{entry.name}, every {entry.every_seconds:g} s")
            return
        if name not in entries:
            raise CommandError(f"No such entry: {name}. There are: {', '.join(sorted(entries))}.")
        try:
            run_tracked(entries[name], is_by_hand=True)
        except Exception as error:
            raise CommandError(f"{name} failed: {type(error).__name__}: {error}") from error
        self.stdout.write(f"{name} is done.")
