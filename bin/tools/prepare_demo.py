"""Brings the demo's database up to date: migrations, groups and users, sample content.

One process for all three: each start of Django costs two seconds. A second run changes nothing.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import django
from django.core.management import call_command, get_commands

STEPS = (
    ("migrate", ["--verbosity", "0", "--no-input"], "Database"),
    ("setup_editorial", ["--demo"], "Groups, workflow and users"),
    ("load_sample", [], "Sample content"),
)


def main() -> None:
    django.setup()
    for command, arguments, title in STEPS:
        if command not in get_commands():
            continue
        begun = time.monotonic()
        print(f"{title} …", flush=True)
        call_command(command, *arguments)
        print(f"{title}: ready ({time.monotonic() - begun:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
