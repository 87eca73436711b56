"""As `fault_loop`, with the product's own steps that tell the world: the exchange, and webhooks.

python -m tests.outbox.fault_loop_telling FOLDER POINT [MUTATION...]

With a broker, a worker announces to the exchange, where a queue of this process listens. Without,
the relay's process prepares webhooks and then sends them to a receiver, which writes down what it
hears.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from django.apps import apps

from tests.outbox.fault_loop import Loop, main

QUEUE = "galley.tests.fault-loop"


class TellingLoop(Loop):
    """Each event is heard, in the order of its subject, whoever dies while telling."""

    data: ClassVar[dict[str, Any]] = {
        "document_id": "0198c0de-0000-7000-8000-00000000000d",
        "document_type": "blog-posts",
        "site_id": 1,
        "locale": "en",
        "slug": "hello",
        "path": "/blog/hello/",
        "title": "Hello",
        "revision": None,
    }

    def __init__(self, folder: Path, only: str, *mutations: str) -> None:
        super().__init__(folder, only, *mutations)
        name = "exchange" if self.broker else "webhook"
        self.effects_of_each = self.in_order = (name,)
        self.sender: Any = import_module("webhooks.sender")
        self.endpoints: Any = apps.get_model("webhooks", "EndpointState").objects
        self.deliveries: Any = apps.get_model("webhooks", "Delivery").objects

    def begin_anew(self) -> None:
        apps.get_model("webhooks", "Subscription").objects.all().delete()
        if self.broker:
            with import_module("site_config.celery").app.connection() as connection:
                channel = connection.default_channel
                channel.exchange_declare("galley.events", "topic", durable=True, auto_delete=False)
                channel.queue_declare(QUEUE, durable=True, auto_delete=False)
                channel.queue_bind(QUEUE, "galley.events", "#")
                channel.queue_purge(QUEUE)
        super().begin_anew()
        if not self.broker:
            self.subscribe()

    def subscribe(self) -> None:
        """From before the first event on."""
        webhooks: Any = import_module("webhooks.interface")
        users: Any = apps.get_model("accounts", "User").objects
        owner, _ = users.get_or_create(email="owner@example.com")
        made = webhooks.create_subscription(
            actor=webhooks.Actor(owner.pk),
            name="Mirror",
            url=os.environ["FAULT_LOOP_RECEIVER"],
            event_types=["content.*"],
        )
        made.subscription.since_sequence = 0
        made.subscription.save()

    def after_steps(self) -> None:
        self.sender.Sender().drain()

    def time_passes(self) -> None:
        super().time_passes()
        past = "2026-01-01T00:00Z"
        if "leases" not in self.mutations:
            self.endpoints.filter(lease_until__isnull=False).update(lease_until=past)
        self.endpoints.update(held_until=None)
        self.deliveries.update(next_try_at=past)

    def that_count(self, effects: list[str]) -> list[str]:
        """What comes again may come after a later one: receivers go by its number."""
        return list(dict.fromkeys(effects))

    def listen(self) -> None:
        if not self.broker:
            return
        with import_module("site_config.celery").app.connection() as connection:
            channel = connection.default_channel
            with self.effects.open("a") as effects:
                while message := channel.basic_get(QUEUE, no_ack=True):
                    effects.write(f"{int(json.loads(message.body)['sequence'])} exchange\n")
            channel.queue_delete(QUEUE)


if __name__ == "__main__":
    main(TellingLoop, *sys.argv[1:])
