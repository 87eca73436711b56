"""The tests' settings for the loop over fault points."""

from site_config.settings.test import *  # noqa: F403

OUTBOX_PIPELINE = "tests.outbox.fault_loop_steps.PIPELINE"
