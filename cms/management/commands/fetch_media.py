"""`manage.py fetch_media`: the files that an import could not have."""

from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.importing.command import ProgressBar
from cms.importing.fetching import Fetched, fetch_item, missing_media
from cms.importing.media import MediaFinder
from cms.models import ImportSource

_SHOWN: Final = 50


class Command(BaseCommand):
    help = (
        "Asks again for images and files that an import left as placeholders, and replaces them"
        " in place. What is there already is not asked for; a second run goes on with the rest."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--source",
            metavar="NAME",
            default="",
            help="Only of this source: wordpress, markdown, or the address of the old website.",
        )
        parser.add_argument("--limit", type=int, metavar="N", help="Ask for at most N files.")
        parser.add_argument(
            "--media-dir",
            type=Path,
            metavar="FOLDER",
            help="A folder with copies of the files, looked through before any server is asked.",
        )

    def handle(
        self,
        *_args: Any,
        source: str,
        limit: int | None,
        media_dir: Path | None,
        **options: Any,
    ) -> None:
        self._check(source, limit, media_dir)
        pks = list(missing_media(source).values_list("pk", flat=True)[:limit])
        finder = MediaFinder(media_dir=media_dir)
        replaced, missing = 0, []
        with ProgressBar(is_shown=options["verbosity"] > 0) as bar:
            bar.begin("Fetching", len(pks))
            for pk in pks:
                fetched = fetch_item(pk, finder)
                if fetched is not None and fetched.is_replaced:
                    replaced += 1
                elif fetched is not None:
                    missing.append(fetched)
                bar.advance(outcome="fetched" if fetched and fetched.is_replaced else "missing")
        self._tell(replaced, missing)

    def _check(self, source: str, limit: int | None, media_dir: Path | None) -> None:
        if limit is not None and limit < 1:
            raise CommandError("--limit: the number must be 1 or more.", returncode=2)
        if media_dir is not None and not media_dir.is_dir():
            raise CommandError(f"--media-dir: {media_dir} is not a folder.", returncode=2)
        known = {
            word for pair in ImportSource.objects.values_list("name", "identity") for word in pair
        }
        if source and source not in known:
            names = ", ".join(sorted(known)) or "nothing yet"
            message = f"--source: nothing was imported from {source}. There is: {names}."
            raise CommandError(message, returncode=2)

    def _tell(self, replaced: int, missing: list[Fetched]) -> None:
        if not replaced and not missing:
            self.stdout.write("No file is missing.")
            return
        self.stdout.write(f"Fetched {replaced} of {replaced + len(missing)} files.")
        for fetched in islice(missing, _SHOWN):
            reason = " ".join(note.message for note in fetched.notes)
            self.stdout.write(f"  {fetched.title} ({fetched.where}): {reason}")
        if len(missing) > _SHOWN:
            self.stdout.write(f"  and {len(missing) - _SHOWN} more")
        if missing:
            self.stdout.write(
                "What is still missing keeps its placeholder. Try again later, or hand in copies"
                " with --media-dir FOLDER."
            )
