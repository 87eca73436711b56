"""Runs what is to be done again and again."""

import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

from django.core.management.base import BaseCommand

from core.interface import SCHEDULER_LEADER, Scheduler, make_leader_lock, stop_on_signals
from outbox.companions import running_companions
from outbox.relay import Relay
from outbox.schedules import load_schedule, tracked


class Command(BaseCommand):
    help = (
        "Runs the entries of site_config/schedule.py. Start as many as you like: one of them"
        " leads, the others wait to take over. Ends on SIGTERM, after what is in hand."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with-relay", action="store_true", help="Run a relay in this process as well."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        stop = stop_on_signals()
        with _running_relay(stop) if options["with_relay"] else nullcontext():
            Scheduler(
                tracked(load_schedule()), make_leader_lock(SCHEDULER_LEADER), stop
            ).run_forever()


@contextmanager
def _running_relay(stop: threading.Event) -> Iterator[None]:
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="relay") as threads:
        relay = threads.submit(Relay(stop).run_forever)
        # One that fails ends the process, which is then started again: a process that schedules
        # and relays no more would look well.
        relay.add_done_callback(lambda _: stop.set())
        try:
            with running_companions(stop):
                yield
        finally:
            stop.set()
        relay.result()
