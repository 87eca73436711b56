"""Brings the demo's database up to date: migrations, groups and users, sample content.

One process for all three: each start of Django costs two seconds. A second run changes nothing.
"""

from __future__ import annotations

import os
import sys
import time
from io import StringIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import django
from django.core.management import call_command
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


def main() -> None:
    begun = time.monotonic()
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # the progress bars say what happens
    django.setup()
    migrate()
    # What it prints, the passwords, stands at the end of the demo's own output.
    call_command("setup_editorial", "--demo", stdout=StringIO())
    call_command("load_sample")
    print(f"The data is ready ({time.monotonic() - begun:.1f} s).", flush=True)


if __name__ == "__main__":
    main()
