"""The documentation speaks of what there is: variables, files, commands, decisions."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.architecture.layers import ROOT

pytestmark = pytest.mark.once

README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
READERS = {"text", "boolean", "integer", "items", "choice", "secret", "secret_items"}
SUFFIXES = r"py|md|json|png|toml|txt|in|yaml|yml|html|css|svg|vcl|example"
IMAGE_LIMIT = 300_000


def variables_read() -> set[str]:
    """The environment variables that the settings read."""
    return {
        node.args[0].value
        for path in (ROOT / "site_config").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr in READERS) == ("env", True)
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def variables_told(heading: str) -> list[str]:
    """The first column of the README's tables below a heading, up to the next one."""
    section = README.read_text().split(f"\n### {heading}\n")[1].split("\n#")[0]
    return re.findall(r"^\| `([A-Z0-9_]+)` \|", section, re.MULTILINE)


@cache
def text_of(document: Path) -> str:
    """The document without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)


def files_named(document: Path) -> Iterator[str]:
    """What looks like a file or folder of ours: between back-ticks, and in diagrams."""
    for words in re.findall(r"`([^`\n]+)`", text_of(document)):
        path = words.split(":")[0].split()[0]
        if re.fullmatch(rf"[\w.-]+(?:/[\w.-]+)*(?:\.(?:{SUFFIXES})|/)", path):
            yield path
    for diagram in re.findall(
        r"^```mermaid$(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL
    ):
        yield from re.findall(r"\b[\w/]+\.py\b|\bbin/\w+", diagram)


def exists(name: str) -> bool:
    """From the top, or, for a bare name, in one of the packages."""
    return (ROOT / name).exists() or ("/" not in name and any(ROOT.glob(f"*/{name}")))


def test_the_readme_tells_of_each_variable_that_the_settings_read() -> None:
    told = variables_told("Read by the settings")
    assert sorted(set(told)) == sorted(told), "a variable stands twice"
    assert set(told) == variables_read()


def test_the_other_variables_of_the_readme_are_used() -> None:
    scripts = [
        ROOT / "compose.yaml",
        *(path for path in (ROOT / "bin").rglob("*") if path.is_file()),
    ]
    used = "\n".join(path.read_text() for path in scripts if path.suffix != ".pyc")
    told = variables_told("Read by the commands")
    assert told
    assert [name for name in told if not re.search(rf"\b{name}\b", used)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_the_documentation_names_exist(document: Path) -> None:
    made_at_run_time = ("var/",)
    missing = [
        name
        for name in files_named(document)
        if not name.startswith(made_at_run_time) and not exists(name)
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text_of(document))
    assert [name for name in targets if not (document.parent / name).exists()] == []


def test_commands_that_the_documentation_names_exist() -> None:
    known = set(get_commands())
    named = {
        name
        for document in DOCUMENTS
        for name in re.findall(
            r"(?:manage\.py |`manage |entrypoint manage )([a-z_]{4,})", document.read_text()
        )
    }
    assert named - known == set()
    programs = {
        name
        for document in DOCUMENTS
        for name in re.findall(r"(?<![\w/])bin/([a-z]+)", document.read_text())
    }
    assert sorted(name for name in programs if not (ROOT / "bin" / name).exists()) == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_what_was_rejected_and_when_to_reopen_it(decision: Path) -> None:
    text = decision.read_text()
    assert text.startswith("# ")
    assert re.search(r"^\*Status: .+\. Tags: .+\.\*$", text, re.MULTILINE)
    assert "**Rejected:**" in text
    assert "**Reopen when**" in text


def test_the_list_of_decisions_is_whole() -> None:
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (ROOT / "docs/adr/README.md").read_text())
    assert listed == [path.name for path in DECISIONS]


def test_the_licences_of_all_that_is_installed_are_listed() -> None:
    pinned = re.findall(
        r"^([a-z0-9][\w.-]*)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    page = (ROOT / "docs/licences.md").read_text()
    told = dict(re.findall(r"^\| ([\w.-]+) \| (.+) \|$", page, re.MULTILINE)[1:])
    assert list(told) == sorted(set(pinned))
    strict = [name for name, licence in told.items() if re.search(r"\?|AGPL|(?<!L)GPL", licence)]
    assert strict == []


def test_each_requirement_says_why_it_is_there_and_what_would_replace_it() -> None:
    lines = (ROOT / "requirements.in").read_text().splitlines()
    silent = [line for line in lines if line and not re.match(r"(#|\S.*  # .+; .+)", line)]
    assert silent == []


def test_images_are_small() -> None:
    images = sorted((ROOT / "docs" / "images").glob("*.png"))
    assert images
    assert [path.name for path in images if path.stat().st_size >= IMAGE_LIMIT] == []
