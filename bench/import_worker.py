"""One import in a process of its own; prints what it took as JSON. Started by `bench.importing`."""

import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any, Final, Self

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the settings
from wagtail.models import Site  # noqa: E402

from cms.importing.options import ImportOptions  # noqa: E402
from cms.importing.run import run_import  # noqa: E402
from cms.importing.sources.markdown.source import MarkdownSource  # noqa: E402

_SAMPLE_SECONDS: Final = 0.005
# What a moment is counted for: the first of these that is found, from the innermost call outwards.
_PARTS: Final = (
    ("cms/importing/sources/", "reading the files"),
    ("cms/importing/html_", "reading the files"),
    ("modelsearch/", "the admin's search"),
    ("models/reference_index.py", "the index of references"),
    ("cms/publishing.py", "documents and ledger"),
    ("cms/importing/page_fields.py", "texts and links"),
    ("cms/importing/files.py", "pictures: checking and keeping"),
    ("cms/importing/page_rows.py", "rows and revisions"),
    ("cms/importing/second_look.py", "forward links"),
    ("cms/importing/old_addresses.py", "redirects"),
    ("cms/importing/report", "the report"),
)


class Sampler:
    """Looks every few milliseconds of CPU where the main thread is."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        signal.signal(signal.SIGVTALRM, self._look)
        signal.setitimer(signal.ITIMER_VIRTUAL, _SAMPLE_SECONDS, _SAMPLE_SECONDS)
        return self

    def __exit__(self, *_problem: object) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        while frame is not None:
            for part, name in _PARTS:
                if part in frame.f_code.co_filename:
                    self.counts[name] += 1
                    return
            frame = frame.f_back
        self.counts["all else"] += 1


def run(folder: Path, report: Path) -> dict[str, Any]:
    """Imports the folder into an empty website."""
    call_command("migrate", verbosity=0)
    source = MarkdownSource(folder, base_url=os.environ["BENCH_BASE_URL"], flavour=None)
    files = source.size() or 0
    options = ImportOptions(
        site=Site.objects.get(is_default_site=True), fetches_media=False, report_dir=report
    )
    start, processor, own = time.perf_counter(), time.process_time(), time.thread_time()
    with Sampler() as sampler:
        done = run_import(source, options)
    return {
        "files": files,
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - processor,
        "main_seconds": time.thread_time() - own,
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "counts": done.counts,
        "parts": dict(sampler.counts.most_common()),
    }


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2]))))
