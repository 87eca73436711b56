"""The tests' settings with steps and a schedule that write down what they do."""

from site_config.settings.test import *  # noqa: F403

OUTBOX_PIPELINE = "tests.outbox.process_steps.PIPELINE"
SCHEDULE = "tests.outbox.process_steps.SCHEDULE"
