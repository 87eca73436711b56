"""`manage.py load_sample`: the sample website, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from cms.new_site import SiteInUse
from cms.sample.loader import count_steps, is_sample_loaded, load_sample


class Command(BaseCommand):
    help = "Loads the sample website. Does nothing if it has been loaded before."
    # The demo runs this at every start, and migrate has checked the project just before.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--restore",
            action="store_true",
            help="bring back what has been deleted since; what exists is left as it is",
        )

    def handle(self, *_args: Any, restore: bool, **_options: Any) -> None:
        if is_sample_loaded() and not restore:
            self.stdout.write("The sample content is loaded already.")
            return
        # Without a terminal the bar stays silent; the line below then says all.
        with tqdm(total=count_steps(), disable=None, unit="step", leave=False) as bar:
            try:
                created = load_sample(advance=lambda step: show_step(bar, step))
            except SiteInUse as problem:
                raise CommandError(
                    f"The default site has a home page of its own (“{problem}”)."
                    " The sample is only for a new site."
                ) from problem
        told = ", ".join(f"{count} {kind}" for kind, count in created.items()) or "nothing new"
        self.stdout.write(f"Loaded the sample content: {told}.")


def show_step(bar: Any, step: str) -> None:
    """Move the progress bar by one step and name it."""
    bar.set_postfix_str(step[:48], refresh=False)
    bar.update()
