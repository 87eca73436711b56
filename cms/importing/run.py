"""One import from its beginning to its report."""

from cms.importing.content import Source
from cms.importing.options import ImportOptions, Progress, Silent
from cms.models import ImportRun


class ImportRefused(Exception):
    """Nothing was begun: another run of the same source is under way, or an option is wrong."""


def run_import(
    source: Source, options: ImportOptions, *, progress: Progress | None = None
) -> ImportRun:
    """Brings everything of `source` in, and writes the report.

    Works in batches that each commit, so a run that was killed is continued by the next. A
    second run of an unchanged source writes nothing but its own row and report. A rehearsal
    gives a row that is not saved. A source that cannot be read gives a run with the status
    `failed` and the reason in `error`; then nothing of it was imported.

    Raises:
        ImportRefused: nothing was begun; the text says why.
    """
    (progress or Silent()).begin("Reading", source.size())
    raise ImportRefused(f"The importer's core is still being built; {options.site} stays as is.")
