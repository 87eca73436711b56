"""Which web server costs least on the way through Django: the same requests on each kind."""

import sys
from dataclasses import replace

from bench.delivery import CONNECTIONS, Options, galley_server, open_bench
from bench.measure import Measurement, measure, warm_up
from bench.report import full_table, machine
from bench.scenarios import Paths, galley_paths
from bench.servers import KINDS

ROUNDS = 2


def compare_servers(options: Options) -> str:
    """A table of all kinds. Two rounds over all of them, so that a busy minute shows as such."""
    bench = open_bench(options.posts)
    results: dict[str, dict[str, list[Measurement]]] = {"single": {}, "cards": {}}
    paths: Paths | None = None
    for number in range(ROUNDS):
        for kind in KINDS:
            with galley_server(bench, replace(options, kind=kind)) as server:
                paths = paths or galley_paths(bench.posts, server.port)
                for scenario, by_kind in results.items():
                    warm_up(server, paths[scenario], seconds=options.seconds)
                    by_kind[f"{kind}, round {number + 1}"] = [
                        measure(
                            server,
                            paths[scenario],
                            connections=connections,
                            seconds=options.seconds,
                            database_pid=bench.database_pid,
                        )
                        for connections in CONNECTIONS
                    ]
            print(f"bench: {kind} done", file=sys.stderr, flush=True)
    return f"{machine()}\n\n{full_table(results)}"
