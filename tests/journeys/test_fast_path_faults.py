"""What readers get while Redis or the database is stopped, hangs, or has lost everything."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from cms.models import BlogPostPage
from site_config import purging
from tests.factories.cms import Website, edit
from tests.journeys.http_asking import Load, ask, seconds_until, title_of
from tests.journeys.running_product import Product, free_port, running_product
from tests.own_process import HOST
from tests.redis_process import RedisProcess, own_redis
from tests.tcp_proxy import Proxy

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.once]

POST = "/api/v1/content/blog-posts/hello"
OTHER = "/api/v1/content/blog-posts/other"
LIST = "/api/v1/content/blog-posts?limit=5"
SETTLED_SECONDS = 2.5
"""Past this, nothing is sent from memory that could have missed a purge."""


@pytest.fixture
def post() -> BlogPostPage:
    website = Website()
    website.post("Other")
    return website.post("Hello")


def wait_for_hit(product: Product, path: str) -> None:
    end = time.monotonic() + 10
    while not ask(product, path).cache.startswith("Galley; hit"):
        assert time.monotonic() < end, "nothing is stored"
        time.sleep(0.05)


@pytest.fixture
def server(tmp_path: Path, settings: object) -> Iterator[RedisProcess]:
    with own_redis(tmp_path) as running:
        settings.REDIS_URL = running.url  # type: ignore[attr-defined]
        purging._publisher.cache_clear()
        yield running
        purging._publisher.cache_clear()


@pytest.mark.redis
def test_redis_is_flushed_stopped_and_hung_under_load(
    post: BlogPostPage, server: RedisProcess, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    with running_product(log, GALLEY_WORKERS="2", REDIS_URL=server.url) as product:
        for number in range(3):
            edit(post, title=f"Quick {number}")
            assert seconds_until(product, POST, f"Quick {number}", processes=2) < 0.5
        with Load(product, [POST, OTHER, LIST]) as load:
            server.client().flushall()
            edit(post, title="Flushed")
            assert seconds_until(product, POST, "Flushed", processes=2) < 0.5

            server.stop()
            edit(post, title="Stopped")
            assert seconds_until(product, POST, "Stopped", processes=2) < SETTLED_SECONDS
            time.sleep(SETTLED_SECONDS)
            ages = [int(ask(product, POST).headers["age"]) for _ in range(20)]
            assert max(ages) <= 2, "without Redis an entry lives two seconds"
            server.start()
            wait_for_hit(product, POST)

            server.hang()
            edit(post, title="Hung")
            assert seconds_until(product, POST, "Hung", processes=2) < SETTLED_SECONDS
            server.go_on()
            time.sleep(2)
            edit(post, title="Well again")
            assert seconds_until(product, POST, "Well again", processes=2) < 0.5
        assert set(load.statuses) == {200}
        assert load.slowest < 2, "nobody waits for Redis longer than a tenth of a second"
    assert "Traceback" not in log.read_text()


@pytest.fixture
def database() -> Iterator[Proxy]:
    """The way to the database, which may be cut."""
    values = connection.settings_dict
    proxy = Proxy(free_port(), values["HOST"], int(values["PORT"]))
    proxy.start()
    yield proxy
    proxy.stop()


def url_through(proxy: Proxy) -> str:
    values = connection.settings_dict
    user, password = values["USER"], values["PASSWORD"]
    return f"postgres://{user}:{password}@{HOST}:{proxy.port}/{values['NAME']}"


@pytest.mark.postgresql
@pytest.mark.parametrize("fault", ["stopped", "hung"])
def test_the_database_goes_away_and_comes_back(
    post: BlogPostPage, database: Proxy, tmp_path: Path, fault: str
) -> None:
    variables = {"DATABASE_URL": url_through(database), "GALLEY_ROLE": "api"}
    with running_product(tmp_path / "server.log", **variables) as product:
        for path in (POST, LIST):
            wait_for_hit(product, path)
        database.hang() if fault == "hung" else database.stop()
        time.sleep(SETTLED_SECONDS)

        for path in (POST, LIST):
            heard = ask(product, path)
            assert heard.status == 200
            assert heard.cache.startswith("Galley; fwd=stale")
            assert int(heard.headers["age"]) >= 2
            assert heard.seconds < 3
        missing = ask(product, OTHER)
        assert missing.status == 503
        assert missing.headers["content-type"] == "application/problem+json"
        assert missing.headers["retry-after"] == "5"
        assert missing.headers["cache-control"] == "no-store"
        assert missing.seconds < 15
        assert ask(product, "/health/live").status == 200

        database.go_on() if fault == "hung" else database.start()
        end = time.monotonic() + 20
        while ask(product, OTHER).status != 200:
            assert time.monotonic() < end, "it does not recover"
            time.sleep(0.2)
        edit(post, title="Back again")
        assert seconds_until(product, POST, "Back again") < 3
        assert title_of(ask(product, OTHER)) == "Other"
