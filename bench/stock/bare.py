"""The same settings without our own app, whose tables no migration makes."""

from bench.stock.settings import *  # noqa: F403

INSTALLED_APPS = INSTALLED_APPS[1:]  # noqa: F405
