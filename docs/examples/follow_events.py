"""Follows what Galley publishes, and keeps a list of the public paths of its posts.

    pip install kombu
    python follow_events.py amqp://user:password@broker.example.com// posts.json

The queue is durable: what happens while this program is stopped waits for it. A message is
acknowledged when its effect is on disk, so one may come twice, after a crash between the two;
`sequence` tells, because the last number of each document is kept with what it left behind.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from kombu import Connection, Exchange, Queue
from kombu.mixins import ConsumerMixin

# Galley's relay declares it when it starts; an account that may only read cannot.
EXCHANGE = Exchange("galley.events", type="topic", durable=True, passive=True)
QUEUE = Queue(
    "posts-mirror",
    exchange=EXCHANGE,
    routing_key="content.*.blog-post",
    durable=True,
    # Kept on several nodes; after ten vain tries a message goes rather than come for ever.
    queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": 10},
)


class Posts:
    """Each post's path, or null where it is public no longer, and the change that said so."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.known: dict[str, dict[str, Any]] = {}
        if file.exists():
            self.known = json.loads(file.read_text())

    def apply(self, event: dict[str, Any]) -> bool:
        """Takes over what an event says; False if it is old news."""
        before = self.known.get(event["subject"], {"sequence": ""})
        # The numbers are texts of one length, so that they sort as they are.
        if event["sequence"] <= before["sequence"]:
            return False
        if event["type"] == "content.scheduled":
            return False  # nothing is public yet
        is_gone = event["type"] in {"content.unpublished", "content.deleted"}
        path = None if is_gone else event["data"]["path"]
        self.known[event["subject"]] = {"sequence": event["sequence"], "path": path}
        self._save()
        return True

    def _save(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self.known, indent=2))
        new.replace(self._file)


class Follower(ConsumerMixin):
    """Connects, and connects again when the broker was away."""

    def __init__(self, connection: Connection, posts: Posts) -> None:
        self.connection = connection
        self._posts = posts

    def get_consumers(self, consumer: Any, channel: Any) -> list[Any]:
        return [consumer([QUEUE], on_message=self.on_message, prefetch_count=20)]

    def on_message(self, message: Any) -> None:
        event = json.loads(message.body)
        if event["specversion"] != "1.0":
            message.reject()
            return
        told = "took" if self._posts.apply(event) else "knew"
        print(told, event["type"], event["subject"], int(event["sequence"]), flush=True)
        message.ack()


def main() -> None:
    url, file = sys.argv[1:]
    logging.basicConfig()  # Kombu says why it tries again
    with Connection(url, heartbeat=30) as connection:
        Follower(connection, Posts(Path(file))).run()


if __name__ == "__main__":
    main()
