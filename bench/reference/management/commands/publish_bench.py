"""Publishes one post a second, and asks every process of a server until it shows it."""

import http.client
import json
import random
import statistics
import time
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.db import transaction

from cms.models import BlogPostPage

_HOST: Final = "127.0.0.1"
_PROXIED: Final = {"X-Forwarded-Proto": "https"}
_GIVE_UP_SECONDS: Final = 10.0


class _Connection:
    """Stays with the process that took it."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection(_HOST, port, timeout=20)
        self.process = json.loads(self.get("/health/cache"))["process"]

    def get(self, path: str) -> bytes:
        self._http.request("GET", path, headers=_PROXIED)
        return self._http.getresponse().read()


def _one_to_each(port: int, processes: int) -> list[_Connection]:
    found: dict[int, _Connection] = {}
    for _ in range(200):
        connection = _Connection(port)
        found.setdefault(connection.process, connection)
        if len(found) == processes:
            break
    return list(found.values())


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("port", type=int)
        parser.add_argument("--processes", type=int, default=2)
        parser.add_argument("--count", type=int, default=10)

    def handle(self, *_args: Any, **options: Any) -> None:
        connections = _one_to_each(options["port"], options["processes"])
        chance = random.Random(options["count"])
        keys = list(BlogPostPage.objects.live().order_by("pk").values_list("pk", flat=True))
        publishing, visible = [], []
        for number in range(options["count"]):
            begun = time.perf_counter()
            post = BlogPostPage.objects.get(pk=chance.choice(keys[:200]))
            path = f"/api/v1/content/blog-posts/{post.slug}?fields=title"
            title = f"Edition {number} of {time.time_ns()}"
            for connection in connections:
                connection.get(path)
            publishing.append(_publish(post, title))
            committed = time.perf_counter()
            for connection in connections:
                while title.encode() not in connection.get(path):
                    if time.perf_counter() - committed > _GIVE_UP_SECONDS:
                        break
                    time.sleep(0.001)
            visible.append((time.perf_counter() - committed) * 1000)
            time.sleep(max(0.0, 1 - (time.perf_counter() - begun)))
        numbers = {
            "processes": len(connections),
            "publications": len(visible),
            "publish_ms_p50": round(statistics.median(publishing), 1),
            "visible_ms_p50": round(statistics.median(visible), 1),
            "visible_ms_max": round(max(visible), 1),
        }
        self.stdout.write(json.dumps(numbers))


def _publish(post: BlogPostPage, title: str) -> float:
    """Milliseconds that the publication took, its documents and the ledger included."""
    draft = post.get_latest_revision_as_object()
    draft.title = title
    revision = draft.save_revision()
    begun = time.perf_counter()
    with transaction.atomic():
        revision.publish()
    return (time.perf_counter() - begun) * 1000
