"""The sender: takes endpoints that have something due, and sends it."""

import logging
import queue
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final
from uuid import UUID, uuid4

from django.db import close_old_connections, connection
from django.db.utils import DatabaseError, InterfaceError

from outbox.interface import Wakeups, make_wakeups
from webhooks.claiming import (
    RENEW_SECONDS,
    claim_lanes,
    count_waiting,
    current_subscriptions,
    put_back,
    put_back_all,
    release_lanes,
    renew_leases,
    take_due,
)
from webhooks.lanes import CONCURRENCY, Lane, Result
from webhooks.settling import settle
from webhooks.waking import CHANNEL, forget_here, listen_here

logger = logging.getLogger(__name__)

# Endpoints in hand at a time, and how many of them may be in trouble: so that those which answer
# late or never leave room for those which are well, however many they are.
MAX_LANES: Final = 32
MAX_FAILING_LANES: Final = 16
# While others wait for a place, an endpoint that always has more to send keeps its own so long.
TURN_SECONDS: Final = 10.0
# Deliveries in hand for an endpoint; more are taken when half of them are gone.
IN_HAND: Final = 256

_IDLE_SECONDS: Final = 1.0
# While there is work in hand, results are gathered for so long: what is written at once costs
# little more than one of them. Longer where much is in hand; after a crash no more than that is
# sent again.
_GATHER_SECONDS: Final = 0.03
_LONG_GATHER_SECONDS: Final = 0.1
_MUCH_IN_HAND: Final = 64
# An endpoint with nothing left is kept for a moment: often there is more at once.
_LINGER_SECONDS: Final = 2.0
_DATABASE_AWAY_SECONDS: Final = 2.0


class Sender:
    """Several may run at once, in one process or many; each endpoint is one sender's at a time.

    One thread, the one that runs it, speaks to the database; the others only send.
    """

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self._lease_id: UUID = uuid4()
        self._lanes: dict[UUID, Lane] = {}
        self._idle_since: dict[UUID, float] = {}
        self._news: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
        self._unsettled: list[Result] = []
        self._is_woken = True
        self._claim_at = 0.0
        self._renew_at = 0.0
        self._pool = ThreadPoolExecutor(MAX_LANES * CONCURRENCY, thread_name_prefix="webhook")

    def run_forever(self) -> None:
        """Sends until `stop` is set; ends what is on its way, and gives back the rest.

        A database that goes away is waited for; any other failure, a thread's too, is raised.
        """
        listen_here(self._wake)
        listener = threading.Thread(target=self._listen, name="webhook-wakeups", daemon=True)
        listener.start()
        try:
            while not self._stop.is_set():
                try:
                    self.run_pass()
                except (DatabaseError, InterfaceError):
                    logger.exception("The database is away.")
                    connection.close()
                    self._renew_at = 0.0
                    self._stop.wait(_DATABASE_AWAY_SECONDS)
                else:
                    self._wait(_IDLE_SECONDS)
            self.close()
            listener.join()
        finally:
            self._halt()
            self._drop_all()
            forget_here(self._wake)
            connection.close()

    def drain(self) -> None:
        """Sends what is due now, then gives every endpoint back."""
        try:
            is_done = False
            while not is_done:
                self._is_woken = True
                self.run_pass()
                in_hand = any(lane.in_hand or lane.is_busy for lane in self._lanes.values())
                if in_hand or not self._news.empty():
                    self._wait(0.05)
                else:
                    is_done = not self._exchange_lanes()
            self.close()
        finally:
            self._halt()
            self._drop_all()

    def close(self) -> None:
        """Waits for what is on its way, settles it, and gives the endpoints back."""
        self._halt()
        self._pool.shutdown(wait=True)
        try:
            self._renew()
            self._take_news()
            self._settle()
            put_back_all(self._lanes.values())
            release_lanes(self._lanes.values(), self._lease_id)
        except (DatabaseError, InterfaceError):
            logger.exception("The database is away; the leases run out by themselves.")
        self._drop_all()

    def run_pass(self) -> None:
        """One round: keep the leases, settle what was sent, take more in hand, let it be sent."""
        # The leases first: after a pause, what was sent to an endpoint that is another's by now
        # must not be settled as if it were still ours.
        now = time.monotonic()
        if now >= self._renew_at:
            self._renew()
            self._renew_at = now + RENEW_SECONDS
        self._take_news()
        self._settle()
        is_woken, self._is_woken = self._is_woken, False
        if is_woken or now >= self._claim_at:
            self._claim()
            self._end_turns(now)
            self._claim_at = now + _IDLE_SECONDS
        for lane in self._lanes.values():
            self._fill(lane, is_woken=is_woken)
            self._staff(lane)
        self._release_idle(now)

    def _halt(self) -> None:
        for lane in self._lanes.values():
            lane.halt()

    def _drop(self, key: UUID) -> None:
        self._lanes.pop(key).hang_up()
        self._idle_since.pop(key, None)

    def _drop_all(self) -> None:
        for key in list(self._lanes):
            self._drop(key)

    def _wake(self) -> None:
        self._news.put(None)

    def _listen(self) -> None:
        wakeups: Wakeups = make_wakeups(self._stop, CHANNEL)
        while not self._stop.is_set():
            wakeups.wait(_IDLE_SECONDS)
            self._wake()
        wakeups.close()
        connection.close()

    def _wait(self, seconds: float) -> None:
        """Until an attempt has ended, there is something new, or the time has passed."""
        try:
            self._note(self._news.get(timeout=seconds))
        except queue.Empty:
            self._is_woken = True
        else:
            queued = max((lane.queued for lane in self._lanes.values()), default=0)
            if queued:
                time.sleep(_GATHER_SECONDS if queued < _MUCH_IN_HAND else _LONG_GATHER_SECONDS)

    def _take_news(self) -> None:
        while not self._news.empty():
            self._note(self._news.get())

    def _note(self, news: Result | BaseException | None) -> None:
        if news is None:
            self._is_woken = True
        elif isinstance(news, BaseException):
            # Its lane counts it as working for ever: better that all begins anew.
            raise RuntimeError("A thread that sends webhooks has failed.") from news
        else:
            self._unsettled.append(news)

    def _settle(self) -> None:
        if self._unsettled:
            settle(self._unsettled)
            # Only now: what a lost connection kept from being stored is stored the next time.
            for result in self._unsettled:
                result.lane.count_settled(result.outcome)
            self._unsettled = []

    def _renew(self) -> None:
        close_old_connections()
        if self._lanes:
            ours = renew_leases(self._lanes.values(), self._lease_id)
            current = current_subscriptions(self._lanes.values())
            for key, lane in list(self._lanes.items()):
                if key not in ours:
                    logger.warning("The lease on webhook %s had gone to another.", key)
                    lane.is_lost = True
                    lane.halt()
                    self._drop(key)
                elif key in current:
                    lane.subscription = current[key]
                else:
                    put_back(lane.halt())

    def _claim(self) -> None:
        failing = sum(1 for lane in self._lanes.values() if lane.failures_in_row)
        for lane in claim_lanes(
            self._lease_id,
            limit=MAX_LANES - len(self._lanes),
            failing_limit=max(0, MAX_FAILING_LANES - failing),
        ):
            self._lanes[lane.subscription.pk] = lane

    def _end_turns(self, now: float) -> None:
        """Where every place is taken and others wait, those that had theirs longest make room.

        What is on its way to them is waited for; then the endpoint is given back, and is last.
        """
        held = [lane for lane in self._lanes.values() if not lane.is_halted]
        old = [lane for lane in held if now - lane.begun >= TURN_SECONDS]
        if len(held) < MAX_LANES or not old:
            return
        failing = sum(1 for lane in self._lanes.values() if lane.failures_in_row)
        waiting = count_waiting(limit=MAX_LANES, failing_limit=max(0, MAX_FAILING_LANES - failing))
        for lane in sorted(old, key=lambda lane: lane.begun)[:waiting]:
            put_back(lane.halt())

    def _fill(self, lane: Lane, *, is_woken: bool) -> None:
        in_hand = lane.in_hand
        if lane.is_halted or in_hand > IN_HAND // 2 or not (lane.wants_more or is_woken):
            return
        limit = 1 if lane.failures_in_row else IN_HAND - in_hand
        taken = take_due(lane, limit=limit)
        refused = lane.add(taken.messages)
        lane.wants_more = taken.may_be_more or bool(refused)
        put_back(refused)

    def _staff(self, lane: Lane) -> None:
        for _ in range(lane.workers_wanted()):
            self._pool.submit(lane.work, self._news.put).add_done_callback(self._note_end)

    def _note_end(self, work: Future[None]) -> None:
        """A future's exception is seen by nobody who does not ask for it."""
        error = work.exception()
        if error is not None:
            logger.error("A thread that sends webhooks has failed.", exc_info=error)
            self._news.put(error)

    def _exchange_lanes(self) -> bool:
        """Gives all endpoints back, of which none has anything left, for others; whether any are due."""
        release_lanes(self._lanes.values(), self._lease_id)
        self._drop_all()
        self._claim()
        return bool(self._lanes)

    def _release_idle(self, now: float) -> None:
        for key, lane in list(self._lanes.items()):
            if lane.in_hand or lane.is_busy:
                self._idle_since.pop(key, None)
                continue
            since = self._idle_since.setdefault(key, now)
            if lane.is_halted or now - since >= _LINGER_SECONDS:
                release_lanes([lane], self._lease_id)
                self._drop(key)


def run_sender(stop: threading.Event) -> None:
    """Sends webhooks until `stop` is set."""
    Sender(stop).run_forever()
