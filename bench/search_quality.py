"""`bin/bench search-quality`: how good what is found is, ours beside others, on judged queries.

Weights and words are tuned on the odd-numbered queries alone. The even ones are held back, so a
change that helps only what it was tuned on shows as a gap between the two.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from bench.database import ROOT, VAR, BenchError
from bench.report import machine, table
from bench.search_baselines import (
    Asked,
    PlainElasticsearch,
    PlainPostgresql,
    Rankings,
    System,
)
from bench.search_collections import Collection, Half, Spelling, load_cranfield, load_rust_blog
from bench.search_metrics import Quality, quality_of
from bench.search_ours import OurSearch
from bench.search_plots import plot_quality
from bench.search_wagtail import WagtailSearch
from core.interface import utc_now

IMAGES: Final = ROOT / "docs" / "images"


@dataclass(frozen=True, slots=True)
class Found:
    """What one system found in one collection."""

    collection: str
    system: str
    rankings: Rankings
    quality: Mapping[str, Mapping[str, Quality]]
    """Spelling → half → means."""


def asked_of(collection: Collection) -> Asked:
    """Every query in every spelling."""
    return {
        spelling.value: {query.number: query.typed(spelling) for query in collection.queries}
        for spelling in Spelling
    }


def judge(collection: Collection, system: str, rankings: Rankings) -> Found:
    """The means of a system's rankings, by spelling and half."""
    quality = {
        spelling: {half.value: quality_of(ranked, collection.judged(half)) for half in Half}
        for spelling, ranked in rankings.items()
    }
    return Found(collection.name, system, rankings, quality)


@dataclass(frozen=True, slots=True)
class Rig:
    """What there is to run on, and whether the others are run beside ours."""

    server_url: str
    search_url: str
    ours_only: bool = False


def run_quality(rig: Rig) -> list[Found]:
    """All systems that this machine can run, on both collections.

    Raises:
        BenchError: the collections are not there.
    """
    found = []
    for collection in (load_cranfield(), load_rust_blog()):
        asked = asked_of(collection)
        for name, rankings in _rankings(collection, asked, rig):
            found.append(judge(collection, name, rankings))
            _say(f"{collection.name}: {name}")
    return found


def _rankings(collection: Collection, asked: Asked, rig: Rig) -> Iterator[tuple[str, Rankings]]:
    if not rig.ours_only:
        for url in dict.fromkeys(["", rig.search_url]):
            wagtail = WagtailSearch(rig.server_url, url)
            try:
                ranked = wagtail.rank_by_operator(collection.texts, asked)
            except BenchError as error:
                # Its index declares n-grams, which not every node has: the others are judged all the same.
                _say(f"Wagtail's search is left out on {url or 'PostgreSQL'}: {error}")
                continue
            yield from ranked.items()
    for system in _systems(rig):
        yield system.name, system.rank(collection.texts, asked)


def _systems(rig: Rig) -> Iterator[System]:
    if not rig.ours_only:
        if rig.search_url:
            yield PlainElasticsearch(rig.search_url)
        yield PlainPostgresql(rig.server_url)
        yield PlainPostgresql(rig.server_url, any_word=True)
    yield OurSearch("sqlite")
    yield OurSearch("postgresql", rig.server_url)
    if rig.search_url:
        yield OurSearch("elasticsearch", rig.server_url, rig.search_url)


def quality_report(found: Sequence[Found]) -> str:
    """A table for each collection: the systems, on each half, clean and misspelt."""
    parts = [f"{machine()}. Tuned on odd queries; even ones are held back."]
    for name in dict.fromkeys(item.collection for item in found):
        parts += [f"## {name}", _table([item for item in found if item.collection == name])]
    return "\n\n".join(parts)


def _table(found: Sequence[Found]) -> str:
    halves = [half.value for half in Half]
    header = [
        "",
        *(f"nDCG@10 {half}" for half in halves),
        "recall@100 held",
        "MRR held",
        "find nothing",
        "misspelt nDCG@10 held",
        "misspelt find nothing",
    ]
    return table(header, [_row(item) for item in found])


def _row(item: Found) -> list[str]:
    clean, misspelt = (item.quality[spelling.value] for spelling in Spelling)
    held = clean[Half.HELD]
    return [
        item.system,
        *(f"{clean[half].ndcg:.3f}" for half in Half),
        f"{held.recall:.3f}",
        f"{held.mrr:.3f}",
        f"{clean[Half.ALL].empty} of {clean[Half.ALL].queries}",
        f"{misspelt[Half.HELD].ndcg:.3f}",
        f"{misspelt[Half.ALL].empty} of {misspelt[Half.ALL].queries}",
    ]


def as_json(found: Sequence[Found]) -> dict[str, Any]:
    """Everything that was measured, the rankings too, so that two runs can be compared."""
    results = [asdict(item) for item in found]
    return {"at": utc_now().isoformat(), "machine": machine(), "results": results}


def bench_quality(*, ours_only: bool) -> int:
    """Measures, prints, writes JSON and plots. Without the shared data it measures nothing."""
    VAR.mkdir(parents=True, exist_ok=True)
    try:
        server_url = os.environ.get("DATABASE_URL", "")
        if not server_url.startswith("postgres"):
            raise BenchError("DATABASE_URL names no PostgreSQL; bin/bench starts one")
        search_url = os.environ.get("ELASTICSEARCH_URL", "")
        found = run_quality(Rig(server_url, search_url, ours_only))
    except BenchError as error:
        is_absent = "GALLEY_SHARED_DATA" in str(error)
        _say(f"left out, as {error}" if is_absent else str(error))
        return 0 if is_absent else 1
    print(quality_report(found))
    file = VAR / ("search-quality-ours.json" if ours_only else "search-quality.json")
    file.write_text(json.dumps(as_json(found), indent=1))
    if not ours_only:
        for name in dict.fromkeys(item.collection for item in found):
            chosen = [item for item in found if item.collection == name]
            image = IMAGES / f"search-quality-{name.replace(' ', '-')}.svg"
            plot_quality(_bars(chosen), image, title=f"{name}: nDCG@10 on the held queries")
    _say(f"as JSON in {file}")
    return 0


def _bars(found: Sequence[Found]) -> dict[str, tuple[float, float]]:
    return {
        item.system: (
            item.quality[Spelling.CLEAN][Half.HELD].ndcg,
            item.quality[Spelling.MISSPELT][Half.HELD].ndcg,
        )
        for item in found
    }


def _say(message: str) -> None:
    print(f"bench: {message}", file=sys.stderr, flush=True)
