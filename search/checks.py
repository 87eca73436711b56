"""Checks of `manage.py check --deploy`: they may ask services."""

from typing import Any

from django.core.checks import CheckMessage, register
from django.core.checks import Warning as CheckWarning

from search.standing import warnings_for_checks


def connect() -> None:
    """Makes the checks known to Django."""
    register(check_index_form, "search", deploy=True)


def check_index_form(**_options: Any) -> list[CheckMessage]:
    """An index that the code would make otherwise is searched as it is, until it is rebuilt."""
    return [CheckWarning(text, id="search.W001") for text in warnings_for_checks()]
