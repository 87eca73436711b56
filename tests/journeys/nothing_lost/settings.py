"""The product's settings with short leases and waits, and with what a mutation takes away."""

import os

from site_config.settings.development import *  # noqa: F403

OUTBOX_PIPELINE = "tests.journeys.nothing_lost.quickened.PIPELINE"
OUTBOX_COMMIT_HINT = "tests.journeys.nothing_lost.commits.note_commit"
SCHEDULE = "tests.journeys.nothing_lost.quickened.SCHEDULE"

MUTATION = os.environ.get("NOTHING_LOST_MUTATION", "")
# Those of `mutations` are put in place by `quickened`.
if MUTATION == "acks_late":
    CELERY_TASK_ACKS_LATE = False
    CELERY_TASK_REJECT_ON_WORKER_LOST = False
