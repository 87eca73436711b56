"""Sees to it that the steps after each event are done."""

import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.interface import stop_on_signals
from outbox.relay import Relay


class Command(BaseCommand):
    help = (
        "Runs the steps that follow each event of the ledger, or hands them to Celery when there"
        " is a broker. Ends on SIGTERM, after the step in hand."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Do what is due now, then end.")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["once"]:
            Relay(threading.Event()).drain()
        else:
            Relay(stop_on_signals()).run_forever()
