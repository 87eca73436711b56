"""Publishes posts in a process of its own, as it is told on its standard input: a line, an answer.

The same program for both sites: the settings in its environment say which. Started by
`bench.publishing`, which lets the sites take turns.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - needs the settings
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402
from wagtail.models import Page, Revision  # noqa: E402
from wagtail.test.utils.form_data import (  # noqa: E402
    inline_formset,
    nested_form_data,
    rich_text,
    streamfield,
)

_EMAIL: Final = "editor@example.com"
_PLAIN: Final = (
    *("title", "slug", "intro", "seo_title", "search_description"),
    *("social_title", "social_description", "canonical_url"),
)


class Editor:
    """Somebody who changes the introduction of one post after another, and publishes."""

    def __init__(self, model: type[Page], seed: int) -> None:
        self._model = model
        keys = sorted(model.objects.values_list("pk", flat=True))
        random.Random(seed).shuffle(keys)
        self._keys = iter(keys * 100)
        self._number = seed * 100_000
        self._client = Client(raise_request_exception=True, HTTP_HOST="127.0.0.1")
        self._client.force_login(_user())

    def prepare_revision(self) -> Revision:
        """A changed post, saved as a draft."""
        draft = self._next()
        revision: Revision = draft.save_revision()
        return revision

    def publish(self, revision: Revision) -> None:
        """What scheduled publishing and scripts do."""
        revision.publish()

    def prepare_form(self) -> tuple[str, dict[str, str]]:
        """What the editor's browser sends: where to, and the fields."""
        draft = self._next()
        return reverse("wagtailadmin_pages:edit", args=[draft.pk]), _form_of(draft)

    def post(self, form: tuple[str, dict[str, str]]) -> None:
        """Presses the button."""
        address, data = form
        response = self._client.post(address, data, secure=True)
        if response.status_code != 302:
            raise AssertionError(f"{address} answered {response.status_code}")

    def _next(self) -> Any:
        self._number += 1
        draft: Any = self._model.objects.get(pk=next(self._keys)).get_latest_revision_as_object()
        draft.intro = f"Edition {self._number} of this text, and what it is about in a sentence."
        return draft


def _user() -> Any:
    users = get_user_model().objects
    found = users.filter(email=_EMAIL).first()
    if found is not None:
        return found
    names = {"username": "editor"} if hasattr(get_user_model(), "username") else {}
    return users.create_superuser(email=_EMAIL, password=None, **names)


def _form_of(post: Any) -> dict[str, str]:
    authors = list(post.post_authors.all())
    blocks = [(child.block_type, _sent(child)) for child in post.body]
    fields = {name: getattr(post, name) for name in _PLAIN} | {
        "cover_image": "",
        "social_image": "",
        "date": post.date.isoformat(),
        "tags": ", ".join(sorted(f'"{tag.name}"' for tag in post.tags.all())),
        "body": streamfield(blocks),
        "post_authors": inline_formset(
            [{"id": str(item.pk or ""), "profile": str(item.profile_id)} for item in authors],
            initial=len(authors),
        ),
        "comments": inline_formset([]),
        "action-publish": "action-publish",
    }
    return nested_form_data(fields)


def _sent(child: Any) -> Any:
    if child.block_type == "rich_text":
        return rich_text(child.value.source)
    return {name: str(value) for name, value in child.value.items()}


def _backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@contextmanager
def _measured() -> Iterator[dict[str, float]]:
    found: dict[str, float] = {}
    processor, clock = time.process_time(), time.perf_counter()
    yield found
    found["ms"] = (time.perf_counter() - clock) * 1000
    found["cpu_ms"] = (time.process_time() - processor) * 1000


class Worker:
    """The answers, by what is asked for."""

    def __init__(self) -> None:
        self._editor = Editor(
            import_string(os.environ["BENCH_MODEL"]), int(os.environ["BENCH_SEED"])
        )
        self._ready: list[Any] = []
        self._ways: Mapping[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
            "code": (self._editor.prepare_revision, self._editor.publish),
            "editor": (self._editor.prepare_form, self._editor.post),
        }

    def answer(self, ask: Mapping[str, Any]) -> Any:
        """`prepare` so many, then `run` or `count` each; `together` runs all that are prepared."""
        prepare, act = self._ways[ask["way"]]
        match ask["do"]:
            case "prepare":
                self._ready = [prepare() for _ in range(ask["count"])]
                return {"backend": _backend_pid()}
            case "run":
                with _measured() as found:
                    act(self._ready.pop())
                return found
            case "together":
                with _measured() as found:
                    while self._ready:
                        act(self._ready.pop())
                return found
        with CaptureQueriesContext(connection) as captured:
            act(self._ready.pop())
        return {"statements": [query["sql"] for query in captured.captured_queries]}


def main() -> None:
    """Answers until the input ends."""
    worker = Worker()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
