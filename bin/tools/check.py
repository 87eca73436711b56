"""Runs the checks beside each other, each under its own heading, and sums up at the end.

A failing check does not hide the others: all run, and the exit status is 1 if any failed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from size_gate import source_files

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(sys.executable).parent
PYTHON = sys.executable
LONGEST = "types"

# Enough for the production settings to load; nothing is contacted.
DUMMY_PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "site_config.settings.production",
    "SECRET_KEY": "check-only-" + "Zq3-x8Lw_v5Ty" * 5,
    "ALLOWED_HOSTS": "www.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://www.example.com",
    "DATABASE_URL": "postgres://galley:check-only@db.example.com/galley",
    "REDIS_URL": "redis://cache.example.com/0",
    "GALLEY_ADMIN_URL": "https://www.example.com",
}


@dataclass(frozen=True)
class Check:
    """One check: its name, what it shows, its commands and their extra variables."""

    name: str
    shows: str
    commands: Sequence[Sequence[str]]
    variables: Mapping[str, str] = field(default_factory=dict)


def our_packages() -> list[str]:
    """The folders of our product code: those with an __init__.py at the top, tests left out."""
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    return sorted(folders - {"tests"})


def tool(name: str, *arguments: str) -> list[str]:
    return [str(BINARIES / name), *arguments]


def manage(*arguments: str) -> list[str]:
    return [PYTHON, "manage.py", *arguments]


def shell_scripts() -> list[str]:
    files = [*(ROOT / "bin").iterdir(), ROOT / ".ci" / "run"]
    scripts = [file for file in files if file.is_file() and b"bash" in file.open("rb").readline()]
    return sorted(str(script.relative_to(ROOT)) for script in scripts)


def checks() -> list[Check]:
    # Tests are typed too; the tools import each other as siblings, so they are read by themselves.
    types = [tool("mypy", *our_packages(), "tests"), tool("mypy", "--explicit-package-bases")]
    types[1] += [str(path) for path in sorted((ROOT / "bin" / "tools").glob("*.py"))]
    test_settings = {"DJANGO_SETTINGS_MODULE": "site_config.settings.test"}
    return [
        Check("format", "ruff format", [tool("ruff", "format", "--check", "--quiet", ".")]),
        Check(
            "lint", "ruff", [tool("ruff", "check", "--output-format", "concise", "--quiet", ".")]
        ),
        Check("sizes", "short functions and files", [[PYTHON, "bin/tools/size_gate.py"]]),
        Check("imports", "layers, front doors, frameworks", [tool("lint-imports")]),
        Check("types", "mypy, strict", types, {"MYPYPATH": str(ROOT / "bin" / "tools")}),
        Check(
            "migrations",
            "every model change has one",
            [manage("makemigrations", "--check", "--dry-run")],
            test_settings,
        ),
        Check("schemas", "the committed schemas are current", [["bin/schemas", "--check"]]),
        Check(
            "deploy",
            "production settings pass Django's checks",
            [manage("check", "--deploy", "--fail-level", "WARNING")],
            DUMMY_PRODUCTION,
        ),
        Check(
            "scripts", "the shell scripts parse", [["bash", "-n", name] for name in shell_scripts()]
        ),
        Check("dockerfile", "hadolint", [tool("hadolint", "Dockerfile")]),
        Check(
            "compose",
            "compose.yaml and the workflow fit their schemas",
            [
                tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"),
                tool(
                    "check-jsonschema",
                    "--builtin-schema",
                    "vendor.github-workflows",
                    ".github/workflows/ci.yml",
                ),
            ],
        ),
    ]


def run(check: Check) -> tuple[bool, str]:
    """Runs the check's commands: whether all passed, and what to print, which is short if so."""
    heading = f"=== {check.name}: {check.shows}"
    begun = time.monotonic()
    for command in check.commands:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | dict(check.variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            return False, f"{heading}\n{done.stdout.rstrip()}\n    failed: {shlex.join(command)}"
    return True, f"{heading}\n    ok ({time.monotonic() - begun:.1f} s)"


def run_all(chosen: Sequence[Check]) -> dict[str, bool]:
    """Runs as many at a time as there are cores, and prints what each said when it ends."""
    # The one that takes longest begins first: the others are done beside it.
    ordered = sorted(chosen, key=lambda check: check.name != LONGEST)
    results = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(run, check): check.name for check in ordered}
        for ended in as_completed(running):
            results[running[ended]], said = ended.result()
            print(said, flush=True)
    return results


def main() -> int:
    known = checks()
    parser = argparse.ArgumentParser(prog="bin/check", description=__doc__)
    names = [check.name for check in known]
    parser.add_argument("names", nargs="*", metavar="check", help=f"some of: {', '.join(names)}")
    chosen = parser.parse_args().names
    if unknown := set(chosen) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(names)}")
    # Variables of the caller's own set-up must not decide what a check sees.
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "GALLEY_ROLE"):
        os.environ.pop(name, None)
    results = run_all([check for check in known if not chosen or check.name in chosen])
    failed = [name for name in names if not results.get(name, True)]
    print(
        f"\n{len(results) - len(failed)} checks passed, {len(failed)} failed"
        + (":" if failed else "")
    )
    for name in failed:
        print(f"  {name}")
    print(f"{len(source_files(ROOT))} Python files of our own.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
