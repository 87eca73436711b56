"""`bin/demo --import`: from a visitor's own file to a running website, and once more."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cms.importing.exports import entry, export
from tests.journeys.running_product import ROOT, Product, free_port

pytestmark = pytest.mark.once

START_SECONDS = 420


@contextmanager
def running_demo(var: Path, content: str, cwd: Path, log: Path) -> Iterator[Product]:
    """The demo on a free port, from its start to its end; what it says is in `log`."""
    product = Product(port=free_port())
    arguments = ["--port", str(product.port), "--from", str(cwd), "--import", content]
    # The interpreter's own folder first: its granian, where there is no .venv.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "bin/tools/demo.py", *arguments],
            cwd=ROOT,
            env=os.environ | {"GALLEY_VAR": str(var), "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while "Galley runs" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        time.sleep(0.5)  # the addresses follow
        yield product
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def titles(product: Product) -> list[str]:
    answer = product.get("/api/v1/content/blog-posts?fields=title&sort=title")
    assert answer.status == 200
    return [post["title"] for post in answer.body["data"]]


def test_a_visitor_sees_his_own_content_at_once(tmp_path: Path) -> None:
    file, var = tmp_path / "mine.xml", tmp_path / "var"
    file.write_text(export([entry(1), entry(2, "<p>A <b>second</b> text.</p>")]))
    first, second, third = (tmp_path / f"{number}.log" for number in range(3))

    with running_demo(var, "mine.xml", tmp_path, first) as product:
        # Asked first: before the ledger has had time to tell the search index.
        found = product.get("/api/v1/search?q=second").body["data"]
        assert [hit["title"] for hit in found] == ["Post 2"]
        assert titles(product) == ["Post 1", "Post 2"]
        site = product.get("/api/v1/content/site").body["data"]
        assert site["brand"]["name"] == "Old"
        assert product.resolve("/?p=2").body["redirect"]["to"] == "/blog/post-2/"
        words = first.read_text()
        report = json.loads((var / "demo-imported.json").read_text())[str(file)]["report"]
        assert f"{product.address}{report}" in words
        assert product.get(report).status == 302  # to the sign-in
        # Longer than what the server sends at a time.
        style = product.get("/static/wagtailadmin/css/core.css")
        assert (style.status, len(style.body) > 100_000) == (200, True)

    with running_demo(var, "mine.xml", tmp_path, second) as product:
        assert titles(product) == ["Post 1", "Post 2"]
        assert "Importing" not in second.read_text()
        assert product.address in second.read_text()

    file.write_text(export([entry(1), entry(2, title="Renamed"), entry(3)]))
    with running_demo(var, str(file), tmp_path, third) as product:
        assert titles(product) == ["Post 1", "Post 3", "Renamed"]
        assert "1 imported, 1 updated" in third.read_text()
