"""The head of a file: TOML between `+++`, YAML between `---`, or a JSON object."""

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

_MOST_CHARACTERS: Final = 256 * 1024
_MOST_ALIASES: Final = 100
_MOST_VALUES: Final = 50_000
_DEEPEST: Final = 50
_FENCES: Final = {"+++": "toml", "---": "yaml"}
_TOML_DATE: Final = re.compile(
    r"^(\s*[\w.\"-]+\s*=\s*)(\d{4}-\d\d-\d\d(?:[Tt ][\d:.]+)?(?:[Zz]|[+-]\d\d:\d\d)?)(\s*(?:#.*)?)$",
    re.MULTILINE,
)


class FrontMatterBroken(Exception):
    """The head cannot be read; the text names the line of the file."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A file taken apart. `body_line` is the line of the file on which `body` begins, from 1."""

    values: dict[str, Any] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    format: str = ""
    """"toml", "yaml", "json", or empty for a file without a head."""


def split(text: str) -> Parts:
    """The head of a file and its text.

    Raises:
        FrontMatterBroken: there is a head, but it cannot be read.
    """
    first, _, _ = text.partition("\n")
    mark = first.strip()
    if mark in _FENCES:
        return _split_fenced(text, mark)
    if text.startswith("{") and not text.startswith(("{{", "{%")):
        return _split_json(text)
    return Parts(body=text)


def _split_fenced(text: str, mark: str) -> Parts:
    closing = re.compile(rf"^{re.escape(mark)}[ \t]*$", re.MULTILINE)
    start = text.index("\n") + 1 if "\n" in text else len(text)
    end = closing.search(text, start)
    if end is None:
        if mark == "---":  # a line across at the top of a text without a head
            return Parts(body=text)
        raise FrontMatterBroken(f"line 1: the head that {mark} opens is never closed")
    head = text[start : end.start()]
    kind = _FENCES[mark]
    values = read_values(head, kind, first_line=2)
    body_line = text.count("\n", 0, end.end()) + 2
    return Parts(values, text[end.end() :].removeprefix("\n"), body_line, kind)


def _split_json(text: str) -> Parts:
    try:
        values, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError) as problem:
        if re.match(r'\{\s*"', text) is None:  # no object, just a brace at the start of a text
            return Parts(body=text)
        line = problem.lineno if isinstance(problem, json.JSONDecodeError) else 1
        raise FrontMatterBroken(f"line {line}: the head is no JSON: {problem}") from problem
    if not isinstance(values, dict):
        return Parts(body=text)
    body_line = text.count("\n", 0, end) + 1
    rest = text[end:]
    body = rest.lstrip("\n")
    return Parts(values, body, body_line + len(rest) - len(body), "json")


def read_values(source: str, kind: str, *, first_line: int = 1) -> dict[str, Any]:
    """The values of a piece of TOML, YAML or JSON; none for an empty one.

    Raises:
        FrontMatterBroken: it cannot be read, is no table, or is larger than any head.
    """
    if len(source) > _MOST_CHARACTERS:
        raise FrontMatterBroken(
            f"line {first_line}: it is longer than {_MOST_CHARACTERS} characters"
        )
    readers: dict[str, Callable[[str], Any]] = {
        "toml": _read_toml,
        "yaml": _read_yaml,
        "json": json.loads,
    }
    try:
        values = readers[kind](source) if source.strip() else {}
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = first_line + (mark.line if mark else 0)
        reason = problem.problem or problem.context or "it is no YAML"
        raise FrontMatterBroken(f"line {line}: {reason}") from problem
    except (ValueError, RecursionError, yaml.YAMLError) as problem:
        found = re.search(r"at line (\d+)", str(problem))
        line = first_line + (int(found.group(1)) - 1 if found else 0)
        reason = str(problem) or "it is nested too deeply"
        raise FrontMatterBroken(f"line {line}: {reason}") from problem
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise FrontMatterBroken(f"line {first_line}: the head holds no fields, but {values!r:.60}")
    return {str(key): value for key, value in values.items()}


def _read_toml(source: str) -> dict[str, Any]:
    """A day that does not exist is handed on as words, for somebody to guess what was meant."""
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError:
        return tomllib.loads(_TOML_DATE.sub(_quote_impossible, source))


def _quote_impossible(match: re.Match[str]) -> str:
    before, value, after = match.groups()
    try:
        tomllib.loads(f"x = {value}")
    except tomllib.TOMLDecodeError:
        return f'{before}"{value}"{after}'
    return match.group(0)


class _Loader(yaml.SafeLoader):
    """As PyYAML's safe loader, with bounds: a few lines of aliases can stand for gigabytes."""

    _aliases = 0
    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            self._aliases += 1
            if self._aliases > _MOST_ALIASES:
                raise yaml.YAMLError(f"it has more than {_MOST_ALIASES} aliases")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise yaml.YAMLError(f"it is nested deeper than {_DEEPEST} levels")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_moment(self, node: Any) -> Any:
        """A day that does not exist stays words."""
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError:
            return self.construct_scalar(node)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_moment)


def _read_yaml(source: str) -> Any:
    loader = _Loader(source)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check_size(node, {})
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check_size(node: yaml.Node, sizes: dict[int, int]) -> int:
    """How many values `node` stands for once every alias is written out.

    A hundred aliases, each of a list of others, stand for more than any machine could walk.
    """
    if id(node) in sizes:
        if not sizes[id(node)]:
            raise yaml.YAMLError("it holds itself")
        return sizes[id(node)]
    sizes[id(node)] = 0
    parts: list[yaml.Node] = []
    if isinstance(node, yaml.SequenceNode):
        parts = node.value
    elif isinstance(node, yaml.MappingNode):
        parts = [part for pair in node.value for part in pair]
    size = 1 + sum(_check_size(part, sizes) for part in parts)
    if size > _MOST_VALUES:
        raise yaml.YAMLError(f"it stands for more than {_MOST_VALUES} values")
    sizes[id(node)] = size
    return size
