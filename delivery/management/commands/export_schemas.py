"""Writes the JSON Schema of each type of document, or checks that the files are current."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.schema_files import document_schema_files, stale_files, write_files


class Command(BaseCommand):
    help = "Writes delivery/schemas/*.schema.json; with --check only says whether they are current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing, fail on a difference"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        files = document_schema_files()
        if not options["check"]:
            self.stdout.write(f"{len(write_files(files))} of {len(files)} schemas written")
            return
        stale = stale_files(files)
        if stale:
            names = ", ".join(path.name for path in stale)
            raise CommandError(f"Not current: {names}. Run manage.py export_schemas.")
        self.stdout.write(f"{len(files)} schemas are current")
