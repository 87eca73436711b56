"""`manage.py import_markdown FOLDER`: brings in the texts of a static site."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from cms.importing.command import ImportCommand
from cms.importing.content import Source
from cms.importing.sources.markdown.site import Flavour
from cms.importing.sources.markdown.source import MarkdownSource


class Command(ImportCommand):
    help = "Imports a folder of Markdown as Zola, Hugo and Jekyll use it, with a report of all that changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="The folder of the site, or of its texts.")
        parser.add_argument(
            "--base-url",
            default="",
            metavar="URL",
            help="The address of the website made of it; that of the folder's settings if left out."
            " Links to it become links to the pages here.",
        )
        parser.add_argument(
            "--flavour",
            choices=[flavour.value for flavour in Flavour],
            help="Whose conventions the folder keeps; found out if left out.",
        )
        super().add_arguments(parser)

    def make_source(self, **options: Any) -> Source:
        folder, base_url, flavour = options["folder"], options["base_url"], options["flavour"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.", returncode=2)
        if base_url and not base_url.startswith(("http://", "https://")):
            raise CommandError("--base-url: write it with http:// or https://.", returncode=2)
        return MarkdownSource(
            folder, base_url=base_url, flavour=Flavour(flavour) if flavour else None
        )
