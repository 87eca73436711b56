"""Writes docs/licences.md: the licence of each package that the running product has, by its own word."""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"
HEAD = """# Licences

Galley runs on these packages, by `requirements.txt`; what only tests and checks need is not
among them. Each licence is as the package itself states it. `bin/lock` writes this page.

| package | licence |
|---|---|
"""
MOST_LETTERS = 60
"""Some put the whole text where the name belongs."""


def packages() -> list[str]:
    """The names in requirements.txt, in order, each once."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return sorted({match[0] for line in lines if (match := re.match(r"[a-z0-9][\w.-]*", line))})


def licence_of(package: str) -> str:
    """The expression, else the short name, else what the classifiers say; all of them by SPDX if stated."""
    try:
        told = metadata(package)
    except PackageNotFoundError:
        return "(not installed on Linux)"
    name = next(iter(told.get_all("License") or []), "")
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in told.get_all("Classifier") or []
        if line.startswith("License :: ")
    ]
    short = name if name and len(name) <= MOST_LETTERS and "\n" not in name else ""
    if "License-Expression" in told:
        return told["License-Expression"]
    return short or ", ".join(classifiers) or "?"


def main() -> int:
    rows = [f"| {package} | {licence_of(package)} |\n" for package in packages()]
    PAGE.write_text(HEAD + "".join(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
