"""The judged collections: what is searched, what is asked, and what people found good.

Cranfield is 1,400 abstracts about aerodynamics with 225 questions of engineers (1968). The Rust
blog is a website of 13 years; its queries were judged by hand, in `bench/judged`.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from bench.database import ROOT, BenchError
from bench.misspelling import misspell

JUDGED: Final = ROOT / "bench" / "judged"
_BEST_POSITION: Final = 5
"""Cranfield's judges wrote 1 for the best and 4 for the least: the gain is 5 minus that."""
_POST_ADDRESS: Final = re.compile(r"(inside-rust/)?\d{4}/\d\d/\d\d/.")
_HEADING: Final = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
# Where links lead, how a tag is written and what marks code are no words.
_MARKDOWN: Final = (
    (re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>", re.DOTALL), " "),
    (re.compile(r"^\s*\[[^\]]+\]:\s*\S+.*$", re.MULTILINE), ""),
    (re.compile(r"\]\([^)\s]*\)"), "]"),
    (re.compile(r"https?://\S+"), " "),
    (re.compile(r"^(`{3,}|~{3,}).*$", re.MULTILINE), ""),
    (re.compile(r"[`*\[\]|]"), ""),
)


class Half(StrEnum):
    """Which queries are looked at."""

    ODD = "odd"
    """For tuning."""
    HELD = "even (held)"
    """Never looked at while tuning."""
    ALL = "all"

    def has(self, number: int) -> bool:
        """Whether the query of this number belongs to it."""
        return self is Half.ALL or (number % 2 == 1) == (self is Half.ODD)


class Spelling(StrEnum):
    """How the queries are typed."""

    CLEAN = "clean"
    MISSPELT = "misspelt"


@dataclass(frozen=True, slots=True)
class Text:
    """A document of a collection, as any of the engines is given it."""

    key: str
    title: str
    body: str
    summary: str = ""
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A question with what is good for it: key of a document → gain, 1 or more."""

    number: int
    text: str
    grades: Mapping[str, int]
    kind: str = ""

    def typed(self, spelling: Spelling) -> str:
        """As a visitor types it."""
        return self.text if spelling is Spelling.CLEAN else misspell(self.text, self.number)


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents with judged queries."""

    name: str
    texts: tuple[Text, ...]
    queries: tuple[Query, ...]

    def judged(self, half: Half) -> dict[int, Mapping[str, int]]:
        """The grades of a half's queries, by number."""
        return {query.number: query.grades for query in self.queries if half.has(query.number)}


def shared_data(folder: str) -> Path:
    """A folder of the shared data. Raises `BenchError` where this machine does not have it."""
    root = Path(os.environ.get("GALLEY_SHARED_DATA", str(ROOT.parent / "shared" / "data")))
    found = root / folder
    if not found.is_dir():
        raise BenchError(
            f"{found} is not there; GALLEY_SHARED_DATA names the folder that has {folder}/"
        )
    return found


def load_cranfield() -> Collection:
    """Raises `BenchError` where the shared data is not there."""
    folder = shared_data("cranfield")
    documents, queries, judgements = (
        json.loads((folder / f"cran_{part}.json").read_text())
        for part in ("docs", "queries", "qrels")
    )
    grades: dict[str, dict[str, int]] = {}
    for judgement in judgements:
        gain = _BEST_POSITION - judgement["position"]
        grades.setdefault(str(judgement["query_num"]), {})[str(judgement["id"])] = gain
    return Collection(
        "cranfield",
        tuple(
            Text(str(document["id"]), document["title"], document["body"]) for document in documents
        ),
        tuple(
            Query(query["query number"], query["query"], grades[str(query["query number"])])
            for query in queries
        ),
    )


def judged_queries(name: str) -> tuple[Query, ...]:
    """The queries of a file in `bench/judged`."""
    listed = json.loads((JUDGED / f"{name}.json").read_text())["queries"]
    return tuple(
        Query(item["number"], item["query"], item["grades"], item["kind"]) for item in listed
    )


def load_rust_blog() -> Collection:
    """Raises `BenchError` where the shared data is not there."""
    folder = shared_data("rust-blog")
    texts = (_post(file.read_text()) for file in sorted(folder.rglob("*.md")))
    made = tuple(text for text in texts if _POST_ADDRESS.match(text.key))
    return Collection("rust blog", made, judged_queries("rust_blog"))


def _post(source: str) -> Text:
    """A file of the blog as plain words; an import gives the same, and takes a minute for all."""
    _, head, body = source.split("+++\n", 2)
    fields: dict[str, Any] = tomllib.loads(head)
    for pattern, by in _MARKDOWN:
        body = pattern.sub(by, body)
    return Text(
        key=fields.get("path", ""),
        title=fields.get("title", "").replace("`", ""),
        summary=fields.get("description", ""),
        headings=tuple(_HEADING.findall(body)),
        body=_HEADING.sub("", body),
    )
