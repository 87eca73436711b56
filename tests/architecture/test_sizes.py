"""The size gate: it holds for this tree, and it catches what it should."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.layers import ROOT

pytestmark = pytest.mark.once

GATE = ROOT / "bin" / "tools" / "size_gate.py"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty git work tree with a copy of the gate."""
    tools = tmp_path / "bin" / "tools"
    tools.mkdir(parents=True)
    (tools / "size_gate.py").write_text(GATE.read_text())
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def run_gate(root: Path) -> tuple[int, list[str]]:
    gate = root / "bin" / "tools" / "size_gate.py"
    done = subprocess.run([sys.executable, str(gate)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def function_of(lines: int, indent: str = "") -> str:
    return f"{indent}def long():\n" + f"{indent}    x = 1\n" * (lines - 1)


def test_this_tree_passes() -> None:
    status, output = run_gate(ROOT)
    assert (status, output[:-1]) == (0, [])


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (function_of(50), None),
        (function_of(51), "a.py:1: long has 51 lines, at most 50"),
        ("class C:\n" + function_of(51, "    "), "a.py:2: C.long has 51 lines, at most 50"),
        ("x = 1\n" * 400, None),
        ("x = 1\n" * 401, "a.py: 401 lines, at most 400"),
    ],
    ids=["function 50", "function 51", "method 51", "file 400", "file 401"],
)
def test_the_gate_counts_lines(tree: Path, source: str, problem: str | None) -> None:
    (tree / "a.py").write_text(source)
    status, output = run_gate(tree)
    assert output == [
        *([problem] if problem else []),
        f"2 files measured, {int(bool(problem))} problems",
    ]
    assert status == int(bool(problem))


def test_migrations_are_left_out(tree: Path) -> None:
    (tree / "migrations").mkdir()
    (tree / "migrations" / "0001_initial.py").write_text("x = 1\n" * 500)
    assert run_gate(tree) == (0, ["1 files measured, 0 problems"])


def test_an_exception_may_only_shrink(tree: Path) -> None:
    gate = tree / "bin" / "tools" / "size_gate.py"
    listed = 'EXCEPTIONS: dict[str, int] = {"a.py": 420, "gone.py": 500}'
    gate.write_text(GATE.read_text().replace("EXCEPTIONS: dict[str, int] = {}", listed))
    (tree / "a.py").write_text("x = 1\n" * 410)
    status, output = run_gate(tree)
    assert status == 1
    assert output[:-1] == [
        "a.py: now 410 lines; lower its exception from 420",
        "gone.py: the exception is not needed any more; remove it",
    ]


def test_no_link_of_somebodys_own_is_under_version_control() -> None:
    """Such as `.venv`, which leads nowhere on another machine."""
    listed = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert [line for line in listed.stdout.splitlines() if line.startswith("120000")] == []
