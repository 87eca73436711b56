"""The walks drawn in docs/architecture.md are those that data takes, file after file."""

import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from django.test import Client

from outbox.relay import Relay
from tests.architecture.layers import ROOT, packages
from tests.factories.cms import Website, edit

pytestmark = pytest.mark.django_db(transaction=True)


def drawn(heading: str) -> list[str]:
    """The files in the diagram below the heading, from the first to the last."""
    section = (ROOT / "docs" / "architecture.md").read_text().split(f"\n## {heading}\n")[1]
    diagram = section.split("```mermaid\n")[1].split("```")[0]
    return re.findall(r"\b[\w/]+\.py\b", diagram)


def walked(act: Callable[[], Any]) -> list[str]:
    """Our files in the order in which the act first enters them."""
    tops = tuple(f"{ROOT}/{name}/" for name in packages())
    files: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(tops):
            files.setdefault(name.removeprefix(f"{ROOT}/"))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return list(files)


def test_a_publication_travels_as_it_is_drawn() -> None:
    website = Website()
    post = website.post("Hello", tags=["print"])
    relay = Relay()
    relay.drain()

    def publish_and_relay() -> None:
        edit(post, title="Hello again", slug="hello-again")
        relay.drain()

    files = drawn("How a publication travels")
    assert len(files) == len(set(files)), "a file is passed twice"
    assert [name for name in walked(publish_and_relay) if name in files] == files


def test_a_read_travels_as_it_is_drawn() -> None:
    website = Website()
    website.post("Hello", tags=["print"])
    client = Client()
    # Modules are imported by the first request, and what it asked for is remembered.
    client.get("/api/v1/content/blog-posts?limit=3")
    files = drawn("How a read travels")
    assert len(files) == len(set(files)), "a file is passed twice"

    def read() -> None:
        answer = client.get("/api/v1/content/blog-posts?fields=title,author&filter[tags][in]=print")
        assert answer.status_code == 200

    assert [name for name in walked(read) if name in files] == files
