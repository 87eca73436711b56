"""Random edits while the product's processes and its servers are killed, hung and cut off.

Longer, with other chances, and with what was done:
`bin/test tests/journeys/test_nothing_lost.py --kills 100 --seeds 7 --broker-away 60 -s`.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.nothing_lost.mutations import FOUND
from tests.journeys.nothing_lost.rig import running_rig
from tests.journeys.nothing_lost.running import Run
from tests.journeys.nothing_lost.webhook_mirror import receiving_webhooks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.postgresql,
    pytest.mark.redis,
    pytest.mark.rabbitmq,
    # Its template is what the rig's own server is filled with.
    pytest.mark.usefixtures("django_db_setup"),
    # psycopg leaves a connection open whose server is killed while it is being set up.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FEW_KILLS = 12


@pytest.fixture(autouse=True)
def _left_connections() -> Iterator[None]:
    """Lets go of what a killed server left behind here, and not in a test that comes later."""
    yield
    gc.collect()


@contextmanager
def run_on_its_own_servers(folder: Path, seed: int, mutation: str = "") -> Iterator[Run]:
    folder.mkdir()
    with (
        receiving_webhooks(seed) as webhooks,
        running_rig(folder, receiver_port=webhooks.port, mutation=mutation) as rig,
    ):
        yield Run(rig, webhooks, seed=seed)


@pytest.mark.timeout(1800)
def test_nothing_is_lost(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    kills = pytestconfig.getoption("--kills") or FEW_KILLS
    away = pytestconfig.getoption("--broker-away") or 0.0
    for seed in (pytestconfig.getoption("--seeds") or "1").split(","):
        with run_on_its_own_servers(tmp_path / seed, int(seed)) as run:
            outcome = run.whole(kills=kills, broker_away=away)
        print(f"\n{outcome.told()}")  # noqa: T201 - what the run did
        assert outcome.faults == [], "\n".join([f"seed {seed}", *outcome.faults[:50]])


@pytest.mark.parametrize("promise", FOUND)
def test_a_broken_promise_is_found(
    tmp_path: Path, pytestconfig: pytest.Config, promise: str
) -> None:
    """The whole run has the same fault, and finds nothing: there the promise is kept."""
    if pytestconfig.getoption("--mutate") not in {promise, "all"}:
        pytest.skip("takes a minute or two: ask for it with --mutate all")
    seed = int((pytestconfig.getoption("--seeds") or "1").partition(",")[0])
    with run_on_its_own_servers(tmp_path / promise, seed, promise) as run:
        outcome = run.broken(promise)
    print(f"\n{outcome.told()}", *outcome.faults[:5], sep="\n")  # noqa: T201 - what was found
    assert any(FOUND[promise] in fault for fault in outcome.faults), outcome.faults
