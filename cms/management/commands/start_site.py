"""`manage.py start_site TITLE`: an empty website to import or write into."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.new_site import SiteInUse, start_site

_MAX_LENGTH = 100


class Command(BaseCommand):
    help = "Gives a new installation a home page of its own. Does nothing where there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("title", help="the name of the website")

    def handle(self, *_args: Any, title: str, **_options: Any) -> None:
        title = " ".join(title.split())
        if not title or len(title) > _MAX_LENGTH:
            message = f"The name of a website has 1 to {_MAX_LENGTH} characters."
            raise CommandError(message, returncode=2)
        try:
            start_site(title)
        except SiteInUse as existing:
            self.stdout.write(f"The default site has a home page already: “{existing}”.")
            return
        self.stdout.write(f"“{title}” has a home page now.")
