"""The tests' settings for real workers and relays, on a queue of the test's own."""

import os

from site_config.settings.parts.celery import step_queue
from site_config.settings.test import *  # noqa: F403

OUTBOX_PIPELINE = "tests.outbox.worker_steps.PIPELINE"
CELERY_TASK_DEFAULT_QUEUE = os.environ["STEP_QUEUE"]
CELERY_TASK_QUEUES = [step_queue(CELERY_TASK_DEFAULT_QUEUE)]
