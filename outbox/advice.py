"""What is wrong, if anything, and what a person does about it, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox.broker_state import BrokerState
from outbox.schedules import LateSchedule
from outbox.standing import Standing

LAG_SECONDS: Final = 60.0
"""A relay that is well reads and runs within seconds; a minute is no hiccup any more."""


@dataclass(frozen=True, slots=True)
class Advice:
    """`code` names the fault for programs; `page` is where to look, by the name of its address."""

    code: str
    text: str
    remedy: str
    page: str = ""
    query: str = ""
    is_grave: bool = True


def advise(
    standing: Standing, broker: BrokerState | None, late: Sequence[LateSchedule]
) -> list[Advice]:
    """The faults, the gravest first; none when all is well. Costs nothing."""
    found = [
        _of_relay(standing),
        _of_dead(standing),
        _of_broker(broker),
        _of_queue(standing, broker),
    ]
    found += [_of_failing(late), _of_idle(late), _of_letters(broker), _of_strangers(standing)]
    return [advice for advice in found if advice is not None]


def _of_relay(standing: Standing) -> Advice | None:
    # Not by the lag: a step that is tried again for hours has long been read.
    late = [step.behind or 0 for step in standing.steps if step.unread_seconds >= LAG_SECONDS]
    unread = max(late, default=0)
    if not unread:
        return None
    return Advice(
        "relay_away",
        ngettext(
            "%(n)d event has not been read by any relay for more than a minute.",
            "%(n)d events have not been read by any relay, for more than a minute.",
            unread,
        )
        % {"n": unread},
        _(
            "Start a relay: bin/entrypoint relay. If one runs, its log says why it does not read on:"
            " mostly the database, or a connection pooler between them."
        ),
    )


def _of_dead(standing: Standing) -> Advice | None:
    if not standing.dead:
        return None
    return Advice(
        "dead_steps",
        ngettext("%(n)d step was given up.", "%(n)d steps were given up.", standing.dead)
        % {"n": standing.dead},
        _(
            "Read the error, mend its cause, then have the steps tried again; discard what need not"
            " be done any more."
        ),
        page="operations_steps",
        query="?status=dead",
    )


def _of_broker(broker: BrokerState | None) -> Advice | None:
    if broker is None or broker.is_up:
        return None
    return Advice(
        "broker_away",
        _("The message broker does not answer."),
        _(
            "Nothing is lost: the ledger keeps what is to be done, and the relay goes on by itself when"
            " the broker is back. Look at RabbitMQ, and at CELERY_BROKER_URL."
        ),
    )


def _of_queue(standing: Standing, broker: BrokerState | None) -> Advice | None:
    if broker is None or not broker.queues or not standing.open:
        return None
    steps = broker.queues[0]
    if steps.consumers or standing.lag_seconds < LAG_SECONDS:
        return None
    return Advice(
        "workers_away",
        _("No worker takes steps from the broker."),
        _("Start one: bin/entrypoint worker."),
    )


def _of_failing(late: Sequence[LateSchedule]) -> Advice | None:
    names = [entry.name for entry in late if entry.failures_in_row]
    if not names:
        return None
    return Advice(
        "schedule_failing",
        ngettext("A schedule fails: %(names)s.", "Schedules fail: %(names)s.", len(names))
        % {"names": ", ".join(names)},
        _("The error stands on the page of schedules."),
        page="operations_schedules",
    )


def _of_idle(late: Sequence[LateSchedule]) -> Advice | None:
    names = [entry.name for entry in late if not entry.failures_in_row]
    if not names:
        return None
    return Advice(
        "schedule_late",
        ngettext(
            "A schedule has not run in its time: %(names)s.",
            "Schedules have not run in their time: %(names)s.",
            len(names),
        )
        % {"names": ", ".join(names)},
        _("Start a scheduler: bin/entrypoint scheduler. Two are safe; one of them leads."),
        page="operations_schedules",
    )


def _of_letters(broker: BrokerState | None) -> Advice | None:
    letters = broker.queues[1].messages if broker and len(broker.queues) > 1 else None
    if not letters:
        return None
    return Advice(
        "dead_letters",
        ngettext(
            "%(n)d message lies among the dead letters.",
            "%(n)d messages lie among the dead letters.",
            letters,
        )
        % {"n": letters},
        _(
            "No step is lost with them: the ledger sends each again. They tell of workers that end over"
            " a message, or of programs that send to the wrong queue. Look at one, then purge the queue."
        ),
        is_grave=False,
    )


def _of_strangers(standing: Standing) -> Advice | None:
    names = [step.name for step in standing.steps if not step.is_known and step.open]
    if not names:
        return None
    return Advice(
        "unknown_steps",
        _("Steps wait that the pipeline lacks: %(names)s.") % {"names": ", ".join(names)},
        _(
            "They belong to another release or to other settings. Discard them if they are not to come."
        ),
        page="operations_steps",
        is_grave=False,
    )
