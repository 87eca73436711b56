"""Writes the OpenAPI description to its file, or checks that the file is current."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.v1.openapi.document import SNAPSHOT, openapi_bytes
from delivery.interface import stale_files, write_files


class Command(BaseCommand):
    help = "Writes api/v1/openapi.json; with --check only says whether it is current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing, fail on a difference"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        files = {SNAPSHOT: openapi_bytes()}
        if not options["check"]:
            written = write_files(files)
            self.stdout.write("openapi.json written" if written else "openapi.json was current")
        elif stale_files(files):
            raise CommandError("openapi.json is not current. Run manage.py export_openapi.")
        else:
            self.stdout.write("openapi.json is current")
