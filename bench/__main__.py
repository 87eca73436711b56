"""`bin/bench`: what the product's promises of speed are measured with."""

import argparse
import json
import os
import sys
from dataclasses import replace

from bench import publishing
from bench.database import VAR, BenchError
from bench.delivery import Options, run_delivery
from bench.fast_path import as_json, report, run_fast_path, shorter
from bench.importing import import_report, run_imports
from bench.latency import plot_curves
from bench.ledger_drain import run_drain
from bench.report import machine, text_report, write_json
from bench.search_quality import bench_quality
from bench.search_speed import QUICK as QUICK_SEARCH
from bench.search_speed import SpeedOptions, bench_search
from bench.server_comparison import compare_servers
from bench.static_build import run_static_build, static_build_json, static_build_report

QUICK = Options(posts=120, seconds=0.5)


def options_from(arguments: argparse.Namespace) -> Options:
    """The options of a run; what is given stands above `--quick`."""
    base = QUICK if arguments.quick else Options()
    given = {name: getattr(arguments, name) for name in ("posts", "seconds", "workers", "kind")}
    return replace(base, **{name: value for name, value in given.items() if value is not None})


def run_cache(options: Options) -> int:
    """Measures the response cache and prints what came of it."""
    found = run_fast_path(shorter(options))
    (VAR / "cache.json").write_text(json.dumps(as_json(found), indent=2))
    print(report(options, found))
    image = VAR / "latency-under-load.svg"
    plot_curves(found.curves, image, title=f"One post; {options.workers} workers, {machine()}")
    print(f"bench: the plot is {image}", file=sys.stderr)
    return 0


def _bench_import() -> int:
    """Without the shared data there is nothing to measure, which is no failure."""
    try:
        results = run_imports()
    except BenchError as error:
        print(f"bench: left out, as {error}", file=sys.stderr)
        return 0 if "GALLEY_SHARED_DATA" in str(error) else 1
    text = import_report(results)
    VAR.mkdir(parents=True, exist_ok=True)
    (VAR / "import.txt").write_text(text + "\n")
    print(text)
    return 0


def _bench_publish(*, is_quick: bool) -> int:
    options = publishing.QUICK if is_quick else publishing.PublishOptions()
    try:
        print(publishing.run_publishing(os.environ.get("DATABASE_URL", ""), options))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def _bench_events(arguments: argparse.Namespace) -> int:
    try:
        return run_drain(events=arguments.events, rate=arguments.rate, seconds=arguments.seconds)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("delivery", "our API beside Wagtail's own and a static answer"),
        ("build", "reading everything once: by pages, as a stream, by the sync"),
        ("cache", "hits, misses and publications beside the limit of the server"),
        ("servers", "the kinds of web servers, on our API"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--quick", action="store_true", help="few posts, short runs: a trial")
        command.add_argument("--posts", type=int, help="how many posts to load (5000)")
        command.add_argument("--seconds", type=float, help="length of each measurement (6)")
        command.add_argument("--workers", type=int, help="processes of each web server (2)")
        command.add_argument("--server", dest="kind", help="kind of web server (shipped)")
    commands.add_parser("import", help="a folder of Markdown into an empty website")
    publish = commands.add_parser("publish", help="a publication, beside stock Wagtail's")
    publish.add_argument("--quick", action="store_true", help="few posts, few rounds: a trial")
    quality = commands.add_parser("search-quality", help="what searches find, on judged queries")
    quality.add_argument("--ours", action="store_true", help="our engines alone: for tuning")
    search = commands.add_parser(
        "search", help="searches and suggestions, beside the engine itself"
    )
    search.add_argument("--quick", action="store_true", help="300 documents, short runs: a trial")
    search.add_argument("--documents", type=int, help="how many (5000, then 50000)")
    search.add_argument("--seconds", type=float, help="length of each measurement (6)")
    search.add_argument("--ours", action="store_true", help="without Wagtail's search")
    drain = commands.add_parser("events", help="the ledger through all steps, to the webhook")
    drain.add_argument("--events", type=int, default=5000, help="how many to drain (5000)")
    drain.add_argument("--rate", type=float, default=20.0, help="publications a second (20)")
    drain.add_argument("--seconds", type=float, default=15.0, help="for how long (15)")
    return parser


def _search_options(arguments: argparse.Namespace) -> SpeedOptions:
    base = QUICK_SEARCH if arguments.quick else SpeedOptions()
    sizes = (arguments.documents,) if arguments.documents else base.sizes
    seconds = arguments.seconds or base.seconds
    return replace(base, sizes=sizes, seconds=seconds, ours_only=arguments.ours)


def _bench_api(arguments: argparse.Namespace) -> int:
    options = options_from(arguments)
    try:
        if arguments.command == "servers":
            print(compare_servers(options))
            return 0
        if arguments.command == "build":
            builds = run_static_build(options)
            (VAR / "build.json").write_text(static_build_json(builds))
            print(static_build_report(options, builds))
            return 0
        if arguments.command == "cache":
            return run_cache(options)
        bench, results = run_delivery(options)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    file = VAR / ("delivery-quick.json" if arguments.quick else "delivery.json")
    write_json(file, bench, options, results)
    print(text_report(bench, options, results))
    print(f"bench: as JSON in {file}", file=sys.stderr)
    return 0


def main() -> int:
    arguments = _parser().parse_args()
    match arguments.command:
        case "import":
            return _bench_import()
        case "publish":
            return _bench_publish(is_quick=arguments.quick)
        case "search-quality":
            return bench_quality(ours_only=arguments.ours)
        case "search":
            return bench_search(_search_options(arguments))
        case "events":
            return _bench_events(arguments)
        case _:
            return _bench_api(arguments)


if __name__ == "__main__":
    sys.exit(main())
