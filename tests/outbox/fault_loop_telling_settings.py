"""The tests' settings for the loop over the fault points of what tells the world."""

from site_config.settings.test import *  # noqa: F403

OUTBOX_PIPELINE = "tests.outbox.fault_loop_telling_steps.PIPELINE"
