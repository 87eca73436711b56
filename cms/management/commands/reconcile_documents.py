"""Finds pages whose delivery document is missing, behind or public by mistake."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cms.rebuilding import close_gaps, find_gaps


class Command(BaseCommand):
    help = "Finds pages whose document is missing, behind or public by mistake, and mends them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Only report; exit with 1 if there is a gap."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        gaps = find_gaps()
        for label, pks in (
            ("missing", gaps.missing),
            ("behind", gaps.behind),
            ("public by mistake", gaps.leaking),
        ):
            for pk in pks:
                self.stdout.write(f"page {pk}: document {label}")
        if gaps.sourceless:
            self.stdout.write(f"{gaps.sourceless} documents whose page is gone")
        if options["check"]:
            if gaps:
                raise CommandError("There are gaps; run reconcile_documents to close them.")
        elif gaps:
            self.stdout.write(self.style.SUCCESS(f"Closed; {close_gaps(gaps)} documents changed."))
        if not gaps:
            self.stdout.write(self.style.SUCCESS("Every page and its document agree."))
