"""A test waits for what it expects, not for a while: a pause stands in a loop that asks again."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.layers import ROOT

pytestmark = pytest.mark.once

LASTING = {
    # A fault that must last, or a time in which nothing may happen.
    "tests/delivery/response_cache/test_redis_store.py": 1,
    "tests/journeys/nothing_lost/broker_away.py": 2,
    "tests/journeys/test_fast_path_faults.py": 3,
    "tests/outbox/test_processes.py": 1,
    # What is slow, or works for a while, is what the test is about.
    "tests/api/sync_oracle.py": 1,
    "tests/core/test_http_client.py": 1,
    "tests/core/test_scheduling.py": 1,
    "tests/journeys/nothing_lost/editors.py": 1,
    "tests/outbox/fault_loop.py": 1,
    "tests/outbox/process_steps.py": 1,
    "tests/journeys/nothing_lost/webhook_mirror.py": 1,
    # The last lines that a program prints follow the one that says it is ready.
    "tests/journeys/test_demo_import.py": 1,
    # The task that was just made comes to its first question.
    "tests/delivery/response_cache/test_degrading.py": 1,
}
"""Pauses outside of loops, by file, each for the reason above it. The list may only shrink."""


def lone_pauses(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls of a `sleep` that no loop of their function surrounds; `sleep(0)` is no pause."""

    def walk(node: ast.AST, is_in_loop: bool) -> Iterator[ast.Call]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                yield from walk(child, False)
            else:
                if not is_in_loop and is_pause(child):
                    assert isinstance(child, ast.Call)
                    yield child
                loops = isinstance(child, ast.While | ast.For | ast.AsyncFor)
                yield from walk(child, is_in_loop or loops)

    yield from walk(tree, False)


def is_pause(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "sleep"
        and [ast.unparse(argument) for argument in node.args] != ["0"]
    )


def pauses_in(path: Path) -> int:
    return len(list(lone_pauses(ast.parse(path.read_text()))))


def test_a_pause_outside_of_a_loop_has_a_reason() -> None:
    found = {
        str(path.relative_to(ROOT)): pauses_in(path) for path in (ROOT / "tests").rglob("*.py")
    }
    assert +Counter(found) == Counter(LASTING)


def test_the_search_sees_what_it_is_to_see() -> None:
    alone = "import time\ndef test_it():\n    time.sleep(1)\n"
    asked = "import time\ndef wait():\n    while not done():\n        time.sleep(0.1)\n"
    assert len(list(lone_pauses(ast.parse(alone)))) == 1
    assert list(lone_pauses(ast.parse(asked))) == []
