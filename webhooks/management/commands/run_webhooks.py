"""Sends webhooks until told to stop."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.interface import stop_on_signals
from webhooks.sender import Sender


class Command(BaseCommand):
    help = (
        "Sends what is due to the endpoints of webhooks, beside the relays, which do so too."
        " Start as many as you like. Ends on SIGTERM, after what is on its way."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Send what is due now, then end.")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["once"]:
            Sender().drain()
        else:
            Sender(stop_on_signals()).run_forever()
