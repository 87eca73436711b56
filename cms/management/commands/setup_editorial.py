"""Sets up the editorial side: locales, groups, rights, workflow, and the demo's people."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cms.demo_people import ensure_demo_people
from cms.workflows import ensure_editorial_setup


class Command(BaseCommand):
    help = "Sets up locales, editors' groups and the review workflow. A second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo",
            action="store_true",
            help="Also make an editor, a moderator and an administrator; prints their passwords.",
        )

    def handle(self, *_args: Any, demo: bool, **_options: Any) -> None:
        ensure_editorial_setup()
        self.stdout.write("Groups, rights and the review workflow are set up.")
        if not demo:
            return
        path = Path(settings.VAR_DIR) / "demo-credentials.json"
        for email, password in ensure_demo_people(path).items():
            self.stdout.write(f"  {email}  {password}")
        self.stdout.write(f"The passwords are kept in {path}.")
