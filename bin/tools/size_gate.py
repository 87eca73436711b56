"""Refuses functions of more than 50 lines and files of more than 400.

Migrations are left out, since Django writes them. What is too long and cannot be split today
stands in EXCEPTIONS with its size and a reason; that list may only shrink.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FUNCTION_LINES = 50
MAX_FILE_LINES = 400

# "path" or "path:function" → its size today.
EXCEPTIONS: dict[str, int] = {}


def source_files(root: Path) -> list[Path]:
    """Our Python files, new ones included: what git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    paths = {root / line for line in listed.stdout.splitlines()}
    return sorted(path for path in paths if path.exists() and "migrations" not in path.parts)


def function_sizes(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, int, int]]:
    """Name, first line and number of lines of each function, methods and inner ones included."""
    for node in ast.iter_child_nodes(tree):
        inner = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{prefix}{node.name}."
            if not isinstance(node, ast.ClassDef) and node.end_lineno:
                yield f"{prefix}{node.name}", node.lineno, node.end_lineno - node.lineno + 1
        yield from function_sizes(node, inner)


def measure(path: Path, name: str) -> Iterator[tuple[str, int, str]]:
    """Each thing that is too long: its key in EXCEPTIONS, its size, and a sentence about it."""
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    if lines > MAX_FILE_LINES:
        yield name, lines, f"{name}: {lines} lines, at most {MAX_FILE_LINES}"
    for function, first_line, size in function_sizes(ast.parse(source)):
        if size > MAX_FUNCTION_LINES:
            sentence = f"{function} has {size} lines, at most {MAX_FUNCTION_LINES}"
            yield f"{name}:{function}", size, f"{name}:{first_line}: {sentence}"


def check(root: Path, exceptions: dict[str, int]) -> tuple[list[str], int]:
    """What is wrong under `root`, and how many files were measured."""
    problems: list[str] = []
    unused = dict(exceptions)
    files = source_files(root)
    for path in files:
        for key, size, sentence in measure(path, path.relative_to(root).as_posix()):
            allowed = unused.pop(key, None)
            if allowed is None or size > allowed:
                problems.append(sentence)
            elif size < allowed:
                problems.append(f"{key}: now {size} lines; lower its exception from {allowed}")
    problems += [f"{key}: the exception is not needed any more; remove it" for key in unused]
    return problems, len(files)


def main() -> int:
    problems, measured = check(Path(__file__).resolve().parents[2], EXCEPTIONS)
    for problem in problems:
        print(problem)
    print(f"{measured} files measured, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
