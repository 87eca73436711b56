"""Loads the content of the benchmarks into an empty database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from bench.loading import load


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("posts", type=int)

    def handle(self, *_args: Any, **options: Any) -> None:
        load(options["posts"])
