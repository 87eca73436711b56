"""Random edits while the product's processes and its servers are killed, hung and cut off.

Longer, with other chances, and with what was done:
`bin/test tests/journeys/test_nothing_lost.py --kills 1000 --seeds 7 --broker-away 60 -s`.
"""

from pathlib import Path

import pytest

from tests.journeys.nothing_lost.mutations import MUTATED
from tests.journeys.nothing_lost.rig import running_rig
from tests.journeys.nothing_lost.running import Run
from tests.journeys.nothing_lost.webhook_mirror import receiving_webhooks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.redis,
    pytest.mark.rabbitmq,
    # Its template is what the rig's own server is filled with.
    pytest.mark.usefixtures("django_db_setup"),
]

MUTATIONS = ("", "acks_late", *MUTATED)
DEFAULT_AWAY_SECONDS = 5.0


def test_nothing_is_lost(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    kills = pytestconfig.getoption("--kills")
    if not kills:
        pytest.skip("takes minutes and the whole machine: ask for it with --kills 100")
    mutation = pytestconfig.getoption("--mutate")
    assert mutation in MUTATIONS, f"--mutate takes one of {MUTATIONS}"
    away = pytestconfig.getoption("--broker-away") or DEFAULT_AWAY_SECONDS
    for seed in (pytestconfig.getoption("--seeds") or "1").split(","):
        folder = tmp_path / seed
        folder.mkdir()
        with (
            receiving_webhooks(int(seed)) as webhooks,
            running_rig(folder, receiver_port=webhooks.port, mutation=mutation) as rig,
        ):
            run = Run(rig, webhooks, seed=int(seed))
            outcome = run.whole(kills=kills, broker_away=away)
        print(f"\n{outcome.told()}")  # noqa: T201 - what the run did
        assert outcome.faults == [], "\n".join([f"seed {seed}", *outcome.faults[:50]])
