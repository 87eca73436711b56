"""What every test may ask for: real services by marker, and their addresses.

`bin/test` starts the services and sets the variables; a plain `pytest` uses what is there.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import TransactionTestCase
from pytest_django import Settings

from tests.database_template import copy_template, restore_template

ROOT = Path(__file__).resolve().parents[1]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser_path() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def varnish_path() -> str | None:
    return shutil.which("varnishd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def has_varnish() -> bool:
    """Whether Varnish is here, with the module that purges by tag."""
    folders = Path("/usr/lib").glob("**/varnish/vmods/libvmod_xkey.so")
    return varnish_path() is not None and next(folders, None) is not None


# Marker → whether that service can be used now.
SERVICES: dict[str, Callable[[], bool]] = {
    "postgresql": lambda: os.environ.get("DATABASE_URL", "").startswith("postgres"),
    "redis": lambda: bool(os.environ.get("TEST_REDIS_URL")),
    "rabbitmq": lambda: bool(os.environ.get("TEST_CELERY_BROKER_URL")),
    "s3": lambda: bool(os.environ.get("TEST_S3_ENDPOINT_URL")),
    "elasticsearch": lambda: bool(os.environ.get("TEST_ELASTICSEARCH_URL")),
    "chromium": lambda: browser_path() is not None,
    "varnish": has_varnish,
}


def required_services() -> set[str]:
    """Those whose absence fails a test; the others' tests are skipped.

    `bin/test` names them. Where it does not, all are required in CI, none elsewhere.
    """
    named = os.environ.get("GALLEY_REQUIRE_SERVICES")
    if named is not None:
        return set(named.replace(",", " ").split())
    return set(SERVICES) if os.environ.get("CI") == "true" else set()


def pytest_addoption(parser: pytest.Parser) -> None:
    """For the tests that make random edits: how many, and from which seeds."""
    parser.addoption("--edits", type=int, help="how many random edits (default: few)")
    parser.addoption("--kills", type=int, help="how many kills in the nothing-lost test")
    parser.addoption(
        "--broker-away", type=float, help="for how many seconds it is stopped, hung, full"
    )
    parser.addoption("--mutate", default="", help="the promise that is broken, to be found; or all")
    parser.addoption("--addresses", type=int, help="how many addresses to compare at a time")
    parser.addoption("--seeds", help="seeds of the random edits, with commas")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, is_there in SERVICES.items():
        if item.get_closest_marker(name) is None or is_there():
            continue
        reason = f"needs {name}: run bin/test, or bin/services start"
        if name in required_services():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The test database is there already when pytest-django looks for it."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Puts a migrated database where pytest-django expects the test database."""
    settings = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        # A file, as in production: threads then meet the locks that they would meet there.
        settings["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "galley.sqlite3")
    elif not settings["TEST"]["NAME"]:
        # In a parallel run pytest-django has named it already, one per worker.
        settings["TEST"]["NAME"] = f"test_{settings['NAME']}"
    copy_template(settings["TEST"]["NAME"])


class Committed:
    """Whether a test has committed to the database since it was last brought back."""

    is_so = False


def _note_commits(_case: TransactionTestCase) -> None:
    Committed.is_so = True


# Django would empty all tables here and write content types and permissions again, which takes
# ten times as long as what follows below, and would miss what Wagtail's migrations put there.
TransactionTestCase._fixture_teardown = _note_commits  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Gives the next test the migrated database again after one that committed."""
    yield
    if Committed.is_so:
        connections.close_all()
        restore_template(connections["default"].settings_dict["NAME"])
        Committed.is_so = False


@pytest.fixture(scope="session")
def s3_variables() -> dict[str, str]:
    """The variables that a deployment would set to use the S3 server under test."""
    prefix = "TEST_S3_"
    return {
        name.removeprefix("TEST_"): value
        for name, value in os.environ.items()
        if name.startswith(prefix)
    }


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Where the Redis server under test listens."""
    return os.environ["TEST_REDIS_URL"]


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """Where the Elasticsearch node under test listens; it holds what earlier tests left."""
    return os.environ["TEST_ELASTICSEARCH_URL"]


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """Where the RabbitMQ node under test listens; its queues are what earlier tests left.

    In a parallel run each worker has a virtual host of its own: the product's queues have fixed
    names, and one test would take another's messages.
    """
    url = os.environ["TEST_CELERY_BROKER_URL"]
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return url
    everything = [".*"] * 3
    for command in (
        ["add_vhost", worker],
        ["set_permissions", "-p", worker, str(urlsplit(url).username), *everything],
    ):
        tool = [sys.executable, "bin/tools/services.py", "rabbitmqctl", *command]
        subprocess.run(tool, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return f"{url.rstrip('/')}/{worker}"


@pytest.fixture
def loopback_allowed(settings: Settings) -> None:
    """Lets the outbound client reach servers of the test's own."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture(scope="session")
def varnish() -> str:
    """The program to start."""
    return varnish_path() or ""


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser to hand to Playwright as `executable_path`."""
    return browser_path() or ""
