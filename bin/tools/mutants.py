"""Small faults for mutation testing, made by mutmut's operators and chosen at random.

Left out are texts for people, whose wording no test should pin: what is logged, what is
translated, and the arguments of errors that are raised; capital letters, since SQL knows none;
and what stands outside of functions, which is a list of declarations. mutmut itself leaves out
decorated functions, annotations and docstrings.
"""

from __future__ import annotations

import difflib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation.file_mutation import create_mutations

if TYPE_CHECKING:
    from mutmut.mutation.file_mutation import Mutation

TRANSLATORS: Final = {"gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "format_lazy", "_"}
NOT_CORE: Final = {"migrations", "admin", "management", "apps.py", "wagtail_hooks.py"}
"""Generated, or pages and commands for people, which other tests look at as a whole."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault in one file. Lines are counted from 1."""

    file: str
    number: int
    first_line: int
    last_line: int
    function_lines: tuple[int, int]
    source: str
    """The whole file, with the fault."""
    diff: str


class _Texts(cst.CSTVisitor):
    """Collects the identities of all nodes within texts for people."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self.nodes: set[int] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        self._depth += _is_text(node)
        if self._depth:
            self.nodes.add(id(node))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self._depth -= _is_text(original_node)


def _is_text(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Raise):
        return True
    if not isinstance(node, cst.Call):
        return False
    function = node.func
    if isinstance(function, cst.Attribute) and isinstance(function.value, cst.Name):
        return function.value.value == "logger"
    return isinstance(function, cst.Name) and function.value in TRANSLATORS


def _changes_case_alone(mutation: Mutation) -> bool:
    before, after = mutation.original_node, mutation.mutated_node
    if not isinstance(before, cst.SimpleString) or not isinstance(after, cst.SimpleString):
        return False
    return before.value.lower() == after.value.lower()


class FileMutants:
    """All faults that can be made in one file."""

    def __init__(self, root: Path, file: str) -> None:
        self.file = file
        self._before = (root / file).read_text(encoding="utf-8")
        self._module, found, _classes, _functions = create_mutations(file, self._before)
        texts = _Texts()
        self._module.visit(texts)
        self._found: list[Mutation] = [
            each
            for each in found
            if isinstance(each.contained_by_top_level_function, cst.FunctionDef)
            and id(each.original_node) not in texts.nodes
            and not _changes_case_alone(each)
        ]

    def __len__(self) -> int:
        return len(self._found)

    def make(self, number: int) -> Mutant:
        """The fault of this number, from 0."""
        chosen = self._found[number]
        wrapper = MetadataWrapper(self._module, unsafe_skip_copy=True)
        places: Any = wrapper.resolve(PositionProvider)
        parents: Any = wrapper.resolve(ParentNodeProvider)
        node: Any = chosen.original_node
        while node not in places:
            node = parents[node]
        last_line = places[node].end.line
        while not isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            node = parents[node]
        if isinstance(node, cst.SimpleStatementLine):
            last_line = places[node].end.line
        around: Any = chosen.contained_by_top_level_function
        changed: Any = self._module.deep_replace(chosen.original_node, chosen.mutated_node)
        return Mutant(
            file=self.file,
            number=number,
            first_line=places[node].start.line,
            last_line=last_line,
            function_lines=(places[around].start.line, places[around].end.line),
            source=changed.code,
            diff=_difference(self._before, changed.code),
        )


def _difference(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def core_files(root: Path, targets: Iterable[str]) -> list[str]:
    """The files of these packages or files that hold their logic, in order."""
    found: set[str] = set()
    for target in targets:
        path = root / target
        for file in [path] if path.is_file() else path.rglob("*.py"):
            relative = file.relative_to(root)
            if not NOT_CORE & set(relative.parts):
                found.add(str(relative))
    return sorted(found)


def choose(files: Sequence[FileMutants], sample: int, seed: int) -> list[Mutant]:
    """So many of all faults in these files; the same ones for the same seed and code."""
    every = [(file, number) for file in files for number in range(len(file))]
    # Nobody is to be kept from guessing it.
    chosen = random.Random(seed).sample(every, min(sample, len(every)))  # noqa: S311
    return [file.make(number) for file, number in chosen]
