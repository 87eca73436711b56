"""Writes the JSON Schemas of what other programs are told, or checks that they are current."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.interface import as_json, stale_files, write_files
from outbox.interface import event_schemas


class Command(BaseCommand):
    help = "Writes outbox/schemas/*.schema.json; with --check only says whether they are current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing, fail on a difference"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        files = {path: as_json(schema) for path, schema in event_schemas().items()}
        if not options["check"]:
            self.stdout.write(f"{len(write_files(files))} of {len(files)} schemas written")
            return
        if stale := stale_files(files):
            names = ", ".join(path.name for path in stale)
            raise CommandError(f"Not current: {names}. Run bin/schemas.")
        self.stdout.write(f"{len(files)} schemas are current")
