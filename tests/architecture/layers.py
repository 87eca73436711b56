"""The layers of the design, as the tests in this folder read them from .importlinter."""

import configparser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def packages() -> list[str]:
    """Our packages, from the top layer to the bottom."""
    return contracts()["importlinter"]["root_packages"].split()


def layer_of() -> dict[str, int]:
    """Package → layer; 0 is the top. Packages of one layer do not know each other."""
    lines = contracts()["importlinter:contract:layers"]["layers"].strip().splitlines()
    return {
        name.strip(" ()"): number for number, line in enumerate(lines) for name in line.split("|")
    }


def modules(package: str) -> list[Path]:
    """The package's Python files, migrations left out."""
    files = (ROOT / package).rglob("*.py")
    return sorted(path for path in files if "migrations" not in path.parts)
