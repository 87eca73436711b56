"""The faults of `bin/mutate`: which are made, and that they are faults."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bin" / "tools"))

from mutants import FileMutants, choose, core_files  # noqa: E402 - a tool, no package

pytestmark = pytest.mark.once

SOURCE = '''"""Words."""

import logging
from gettext import gettext as _

logger = logging.getLogger(__name__)
LIMIT = 3


def at_most(count: int) -> bool:
    """Whether there is room."""
    logger.warning("%s of %s", count, 3)
    if count < 0:
        raise ValueError(f"{count} is less than {0 + 0}.")
    print(_("Counted: %s") % 7)
    return count <= LIMIT
'''


@pytest.fixture
def made(tmp_path: Path) -> FileMutants:
    (tmp_path / "room.py").write_text(SOURCE)
    return FileMutants(tmp_path, "room.py")


def test_logic_is_changed_and_texts_and_declarations_are_not(made: FileMutants) -> None:
    found = {made.make(number).diff for number in range(len(made))}
    assert "-    return count <= LIMIT\n+    return count < LIMIT" in found
    assert "-    if count < 0:\n+    if count <= 0:" in found
    assert all("logger" not in diff and "raise" not in diff for diff in found)
    assert all(
        "Counted" not in diff.partition("\n+")[2].replace("Counted: %s", "") for diff in found
    )
    assert all("LIMIT = " not in diff for diff in found)


def test_a_fault_is_one_change_on_its_lines(made: FileMutants) -> None:
    for number in range(len(made)):
        mutant = made.make(number)
        ast.parse(mutant.source)
        before, after = SOURCE.splitlines(), mutant.source.splitlines()
        changed = [
            place
            for place, pair in enumerate(zip(before, after, strict=True), 1)
            if len({*pair}) > 1
        ]
        assert changed
        assert {*changed} <= {*range(mutant.first_line, mutant.last_line + 1)}
        assert mutant.function_lines == (10, 16)


def test_a_seed_chooses_the_same_faults_each_time(made: FileMutants) -> None:
    first, again, other = (choose([made], 4, seed) for seed in (1, 1, 2))
    assert first == again
    assert len(first) == 4
    assert first != other


def test_pages_commands_and_migrations_are_left_out() -> None:
    files = core_files(ROOT, ["outbox", "search/query.py"])
    assert "outbox/claiming.py" in files
    assert "search/query.py" in files
    assert [name for name in files if "/admin/" in name or "/migrations/" in name] == []
