"""Brings the demo's database up to date: migrations, groups and users, content.

    prepare_demo.py                               with the sample content
    prepare_demo.py --import COMMAND PATH TITLE   with the visitor's own, into a website of that title

One process for all: each start of Django costs two seconds. A second run changes nothing. What is
there stays: a website of the visitor's own gets no sample, and content comes in beside the sample.
"""

from __future__ import annotations

import json
import os
import sys
import time
from io import StringIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import django
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tqdm import tqdm


def migrate() -> None:
    """Runs the migrations that are missing, under a bar that counts them."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not missing:
        return
    with tqdm(total=missing, desc="Database", unit=" migrations", disable=None) as bar:

        class Counter:
            """Takes the command's output: one "OK" for each migration that has run."""

            def write(self, text: str) -> None:
                bar.update(text.count("OK"))

            def flush(self) -> None:
                bar.refresh()

        call_command("migrate", verbosity=1, interactive=False, stdout=Counter(), no_color=True)


def has_home_page() -> bool:
    """Whether a website is there already, of the sample or of the visitor's own."""
    return bool(apps.get_model("cms", "HomePage").objects.exists())


def import_content(command: str, path: str, title: str) -> None:
    """Imports under the command's own bar, and notes where the report stands in the admin."""
    if not has_home_page():
        call_command("start_site", title, stdout=StringIO())
    call_command(command, path)
    run = apps.get_model("cms", "ImportRun").objects.latest("started_at")
    notes = Path(os.environ["GALLEY_VAR"]) / "demo-imported.json"
    imports = json.loads(notes.read_text()) if notes.exists() else {}
    imports[path] = {"report": f"/admin/reports/imports/{run.pk}/report.html"}
    notes.write_text(json.dumps(imports, indent=2))


def main() -> None:
    begun = time.monotonic()
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # the progress bars say what happens
    django.setup()
    migrate()
    # What it prints, the passwords, stands at the end of the demo's own output.
    call_command("setup_editorial", "--demo", stdout=StringIO())
    if sys.argv[1:2] == ["--import"]:
        try:
            import_content(*sys.argv[2:])
        except CommandError as problem:
            sys.exit(str(problem))
    elif not has_home_page():
        call_command("load_sample")
    # The ledger would do it, some seconds after the first visitor has looked for something in vain.
    call_command("rebuild_search", if_missing=True, stdout=StringIO())
    print(f"The data is ready ({time.monotonic() - begun:.1f} s).", flush=True)


if __name__ == "__main__":
    main()
