"""Runs a module of this package as a program, once Django stands: its name, then its arguments."""

import sys
from importlib import import_module

import django

django.setup()
import_module(f"tests.journeys.nothing_lost.{sys.argv[1]}").main(*sys.argv[2:])
