"""Sees to it that the steps after each event are done."""

import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.interface import stop_on_signals
from outbox.companions import running_companions
from outbox.relay import Relay


class Command(BaseCommand):
    help = (
        "Runs the steps that follow each event of the ledger, or hands them to Celery when there"
        " is a broker, and sends webhooks. Ends on SIGTERM, after what is in hand."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Do what is due now, then end.")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["once"]:
            Relay(threading.Event()).drain()
        else:
            stop = stop_on_signals()
            with running_companions(stop):
                Relay(stop).run_forever()
