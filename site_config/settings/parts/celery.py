"""Celery. Its defaults lose work when a worker, a pool child or the broker dies."""

from kombu.entity import Exchange, Queue

from site_config import env

# Without a broker the relay runs the steps in its own process.
CELERY_BROKER_URL = env.secret("CELERY_BROKER_URL", "")
# The publisher waits until the broker has the message on disk: without it, 2,446 of 6,001
# messages that seemed sent were lost when the broker was killed.
CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
CELERY_BROKER_CONNECTION_TIMEOUT = 4
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker asks every five seconds (`outbox.celery_worker`) until the broker is back. Celery's own
# bound of a hundred tries would end it after some minutes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None

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
# Else Celery opens a connection to the database for each task, which costs both sides some 10 ms.
# `outbox.tasks` ends connections that are old or broken, as Django does between requests.
CELERY_DB_REUSE_MAX = 1_000_000_000

# Celery's own takes a message that it cannot read for done.
CELERY_WORKER_CONSUMER = "outbox.celery_worker:StepConsumer"


def step_queue(name: str) -> Queue:
    """The queue that carries batches of steps.

    A quorum queue survives the loss of a node. A message that comes back finds its runs begun and
    ends, so only one that ends its worker before that comes back more often: it goes to the dead
    letters (`outbox.celery_worker`), as do those that nobody can read. There is nothing to save in
    them: the ledger sends the runs again until their tries are used up.
    """
    return Queue(  # type: ignore[no-untyped-call]
        name,
        Exchange(name, type="topic", durable=True),  # type: ignore[no-untyped-call]
        routing_key=name,
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": 3,
            "x-dead-letter-exchange": "galley.dead",
            "x-dead-letter-routing-key": name,
        },
    )


CELERY_TASK_DEFAULT_QUEUE = "galley.steps"
CELERY_TASK_QUEUES = [step_queue(CELERY_TASK_DEFAULT_QUEUE)]
CELERY_TASK_CREATE_MISSING_QUEUES = False
