"""Writes to the ledger for `bench.ledger_drain`, in a process of its own; prints JSON.

python -m bench.ledger_writer subscribe URL
python -m bench.ledger_writer load COUNT [changed]
python -m bench.ledger_writer publish RATE SECONDS
"""

import json
import sys
import time
from itertools import cycle, islice
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402 - needs the settings
from django.db.models import F  # noqa: E402

from accounts.interface import User  # noqa: E402
from bench.ledger_end import put_readers_at_end  # noqa: E402
from cms.models import BlogPostPage  # noqa: E402
from cms.publishing import sync_pages  # noqa: E402
from delivery.interface import Document  # noqa: E402
from outbox.interface import EventRecord, LedgerEvent, record_events  # noqa: E402
from webhooks.interface import actor_of, create_subscription  # noqa: E402


def subscribe(url: str) -> dict[str, Any]:
    """One webhook for everything, and every step at the end of the ledger."""
    owner = User.objects.create_superuser(email="bench@example.com", password=None)
    create_subscription(actor=actor_of(owner), name="bench", url=url, event_types=["*"])
    return {"head": put_readers_at_end()}


def load(count: int, *, is_changed: bool) -> dict[str, Any]:
    """So many updates of the documents that there are, in one transaction.

    What they say is what the product says when the text of one is edited. With `is_changed`,
    the documents get a new version each, so that their search entries are made anew.
    """
    told = LedgerEvent.objects.filter(type="content.published").order_by("sequence")
    before = [(event.subject, event.data | {"shows_elsewhere": False}) for event in told[:1000]]
    records = [
        EventRecord("content.updated", subject, data)
        for subject, data in islice(cycle(before), count)
    ]
    with transaction.atomic():
        recorded = record_events(records)
        if is_changed:
            subjects = {record.subject for record in records}
            Document.objects.filter(pk__in=subjects).update(version=F("version") + 1)
    return {"committed": time.time(), "first": recorded[0].sequence, "last": recorded[-1].sequence}


def publish(rate: float, seconds: float) -> dict[str, Any]:
    """Publishes changed posts at a fixed pace; tells when each was committed.

    From the page on: its document, its event and the commit. What Wagtail does before that (draft,
    revision, log) takes five times as long, and would leave two cores nothing for what follows.
    """
    posts = cycle(list(BlogPostPage.objects.order_by("pk")[:200]))
    committed: dict[str, float] = {}
    begun = time.monotonic()
    count = int(rate * seconds)
    late = 0.0
    for number in range(count):
        wait = begun + number / rate - time.monotonic()
        late = max(late, -wait)
        time.sleep(max(0.0, wait))
        post = next(posts)
        title = f"{post.title.partition(' #')[0]} #{number}"
        with transaction.atomic():
            BlogPostPage.objects.filter(pk=post.pk).update(title=title)
            sync_pages([post.pk], model=BlogPostPage)
            ids = LedgerEvent.objects.order_by("-sequence").filter(type__startswith="content.")
            event = ids.values_list("id", flat=True)[0]
        committed[str(event)] = time.time()
    return {"committed": committed, "seconds": time.monotonic() - begun, "late": late}


if __name__ == "__main__":
    action, *numbers = sys.argv[1:]
    if action == "subscribe":
        print(json.dumps(subscribe(numbers[0])))
    elif action == "load":
        print(json.dumps(load(int(numbers[0]), is_changed="changed" in numbers)))
    else:
        print(json.dumps(publish(float(numbers[0]), float(numbers[1]))))
