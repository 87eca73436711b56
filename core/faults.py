"""Named places where a test lets a process fail: raise, hang, or die as by kill -9.

`GALLEY_FAULTS` says where and when, such as `outbox.relay.after_claim=kill@3` for the third time
that the process gets there, or `*=kill@17` for the 17th place of all that it passes. Several
stand with commas between them. Each fires once in a process. Under settings that do not allow
faults, nothing ever happens here, and Django's checks refuse the variable.
"""

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

FAULT_POINTS: Final = (
    "outbox.relay.before_claim",
    "outbox.relay.after_claim",
    "outbox.relay.before_publish",
    "outbox.relay.after_publish",
    "outbox.step.before_begin",
    "outbox.step.after_begin",
    "outbox.step.before_run",
    "outbox.step.after_run",
    "outbox.step.before_settle",
    "outbox.step.after_settle",
    "outbox.worker.before_acknowledge",
    "outbox.worker.after_acknowledge",
    "outbox.announce.before_publish",
    "outbox.announce.after_publish",
    "webhooks.before_send",
    "webhooks.after_send",
    "webhooks.before_settle",
    "webhooks.after_settle",
)
"""Every place there is, in the order in which an event meets them."""

ANYWHERE: Final = "*"
_RULE: Final = re.compile(r"(?P<point>[^=@]+)=(?P<mode>raise|hang|kill)(?:@(?P<hit>[1-9]\d*))?")
_HANG_SECONDS: Final = 3600.0

Mode = Literal["raise", "hang", "kill"]


class InjectedFault(Exception):
    """What a fault of the mode `raise` raises; no code may expect it."""


class UnknownFault(ValueError):
    """The text is no list of faults; says which part."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the `hit`-th passing of a point, or of all points together."""

    point: str
    mode: Mode
    hit: int = 1


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Reads the value of `GALLEY_FAULTS`.

    Raises:
        UnknownFault: a part names no point, or no mode. A fault that could never fire would be a
            test that cannot fail.
    """
    faults = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _RULE.fullmatch(part)
        if found is None:
            raise UnknownFault(f"{part!r} is not of the form point=raise|hang|kill[@number].")
        if found["point"] not in {ANYWHERE, *FAULT_POINTS}:
            raise UnknownFault(f"{found['point']!r} is no fault point.")
        faults.append(Fault(found["point"], cast("Mode", found["mode"]), int(found["hit"] or 1)))
    return tuple(faults)


class _Plan:
    """The faults of this process, and how often each point was passed."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._faults = faults
        self._passed: dict[str, int] = {}
        self._lock = threading.Lock()

    def pass_point(self, name: str) -> None:
        """Counts, and fails when a fault says so."""
        with self._lock:
            for counted in (name, ANYWHERE):
                self._passed[counted] = self._passed.get(counted, 0) + 1
            due = [fault for fault in self._faults if self._is_due(fault, name)]
        for fault in due:
            _fail(fault, name)

    def _is_due(self, fault: Fault, name: str) -> bool:
        return fault.point in {name, ANYWHERE} and self._passed[fault.point] == fault.hit


def _fail(fault: Fault, name: str) -> None:
    if fault.mode == "raise":
        raise InjectedFault(name)
    if fault.mode == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(_HANG_SECONDS)


# None until the first point is passed; settings are not ready when this module is imported.
_plan: _Plan | None = None


def fault_point(name: str) -> None:
    """Does nothing, unless a test asked for a fault here. Costs a fraction of a microsecond."""
    plan = _plan if _plan is not None else _load()
    if plan is not _NO_FAULTS:
        plan.pass_point(name)


def _load() -> _Plan:
    global _plan  # noqa: PLW0603 - one plan for the process, read once
    text = settings.FAULTS if settings.FAULTS_ARE_ALLOWED else ""
    _plan = _Plan(parse_faults(text)) if text else _NO_FAULTS
    return _plan


_NO_FAULTS: Final = _Plan(())


@contextmanager
def faults_in_this_process(text: str) -> Iterator[None]:
    """Plans `text` for tests that need no process of their own; counts begin at nothing."""
    global _plan  # noqa: PLW0603
    before, _plan = _plan, _Plan(parse_faults(text))
    try:
        yield
    finally:
        _plan = before


def faults_are_for_tests(**_: Any) -> list[CheckMessage]:
    """Refuses faults outside tests and development, and those that could never fire."""
    if not settings.FAULTS:
        return []
    if not settings.FAULTS_ARE_ALLOWED:
        return [Error("GALLEY_FAULTS makes processes fail; unset it.", id="core.E001")]
    try:
        parse_faults(settings.FAULTS)
    except UnknownFault as error:
        return [Error(f"GALLEY_FAULTS: {error}", id="core.E002")]
    return []


def connect() -> None:
    """Makes the check part of every start; a second call changes nothing."""
    register(faults_are_for_tests)
