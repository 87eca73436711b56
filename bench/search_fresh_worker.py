"""Publishes one text after the other and waits until searches find it. Started by `bench.search_speed`.

It takes the port of a server, the number of the first text and how many there are, and prints for
each how many milliseconds lay between its commit and the first answer with it.
"""

import http.client
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from django.db import transaction

from bench.search_content import write_texts
from bench.search_load_worker import post
from delivery.interface import save_documents

_PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.002


def waits(port: int, first: int, count: int) -> Iterator[float]:
    """Milliseconds of each, in order."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        for text in islice(write_texts(first + count), first, None):
            word = f"fresh{text.number}"
            with transaction.atomic():
                save_documents([post(replace(text, title=word))])
            yield _wait(connection, word) * 1000
    finally:
        connection.close()


def _wait(connection: http.client.HTTPConnection, word: str) -> float:
    begun = time.perf_counter()
    while time.perf_counter() - begun < _PATIENCE_SECONDS:
        headers = {"X-Forwarded-Proto": "https"}
        # In quotes: no other word is taken for it.
        path = f"/api/v1/search?q=%22{word}%22&limit=1&fields=title"
        connection.request("GET", path, headers=headers)
        found = json.loads(connection.getresponse().read())
        if [hit["title"] for hit in found["data"]] == [word]:
            return time.perf_counter() - begun
        time.sleep(_PAUSE_SECONDS)
    raise SystemExit(f"{word} was not found within {_PATIENCE_SECONDS:.0f} s")


if __name__ == "__main__":
    print(json.dumps(list(waits(*map(int, sys.argv[1:])))))
