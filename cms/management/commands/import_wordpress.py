"""`manage.py import_wordpress`: a WordPress export, with a report of what became of it."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from cms.importing.command import ImportCommand
from cms.importing.sources.wordpress.comments import FILE_NAME
from cms.importing.sources.wordpress.source import WordPressSource


class Command(ImportCommand):
    help = (
        "Imports an export of WordPress (Tools > Export, all content): posts, pages, media, authors,"
        " categories, tags and menus. A second run brings in what has changed there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.xml", help="The export, unpacked.")
        super().add_arguments(parser)

    def make_source(self, **options: Any) -> WordPressSource:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"{file} is not a file.", returncode=2)
        return WordPressSource(file)

    def add_to_report(self, source: WordPressSource, folder: Path) -> None:
        count = source.comment_count()
        if count:
            with (folder / FILE_NAME).open("w", encoding="utf-8") as file:
                source.write_comments(file)
            self.stdout.write(f"{count} comments: {folder / FILE_NAME}")
        source.close()
