"""Makes every delivery document again from what editors made."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from cms.rebuilding import count_work, rebuild_documents


class Command(BaseCommand):
    help = (
        "Makes every delivery document again and saves those that differ. An interrupted run"
        " is continued by the next one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--restart", action="store_true", help="Begin anew even if a run was interrupted."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        with tqdm(total=count_work(), unit="source", desc="Rebuilding", leave=False) as bar:
            changed = rebuild_documents(restart=options["restart"], progress=bar.update)
        self.stdout.write(self.style.SUCCESS(f"Rebuilt; {changed} documents differed."))
