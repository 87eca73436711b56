"""When a failed step is tried again."""

import random
from typing import Final

# Seconds before the 2nd, 3rd, … 10th try. A blip is over in seconds, a deployment in minutes,
# an outage or a wrong setting within a day. Sum: 81,755 s = 22 h 42 min 35 s, and up to a tenth
# more; then the step is dead and waits for a person (`manage.py ledger replay --dead`).
RETRY_WAITS_SECONDS: Final = (
    5,
    30,
    2 * 60,
    10 * 60,
    30 * 60,
    60 * 60,
    3 * 60 * 60,
    6 * 60 * 60,
    12 * 60 * 60,
)
MAX_TRIES: Final = len(RETRY_WAITS_SECONDS) + 1
# A run that took its process with it so often (the first time perhaps by its neighbour's doing)
# will do it again, and each time another process has to be started.
MAX_LOSSES: Final = 5
# A receiver may ask for patience, not for eternity.
_MAX_ASKED_SECONDS: Final = 24 * 60 * 60
# What failed together should not come back together.
_JITTER: Final = 0.1


def wait_after(tries: int, asked_seconds: float | None = None) -> float | None:
    """Seconds to wait after the given number of failed tries; None when there is no other try."""
    if tries >= MAX_TRIES:
        return None
    wait = RETRY_WAITS_SECONDS[tries - 1] * (1 + random.uniform(0, _JITTER))  # noqa: S311
    return max(wait, min(asked_seconds or 0, _MAX_ASKED_SECONDS))
