"""The tests' settings on a host whose clock is wrong by `CLOCK_OFFSET_SECONDS`."""

import os
from datetime import UTC, datetime, timedelta

import time_machine

from site_config.settings.test import *  # noqa: F403

time_machine.travel(
    datetime.now(UTC) + timedelta(seconds=float(os.environ["CLOCK_OFFSET_SECONDS"]))
).start()
