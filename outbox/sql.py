"""Values and conditions for statements on runs that are written by hand."""

import json
from collections.abc import Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import Field

from outbox.models import StepRun


def among(ids: Sequence[int]) -> tuple[str, str | list[int]]:
    """The condition that a column is one of these numbers, and its one value."""
    if connection.vendor == "postgresql":
        return "= ANY (%s)", list(ids)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(ids)


def adapted(column: str, value: object) -> Any:
    """The value of a run's column, as a statement of our own takes it."""
    field = cast("Field[Any, Any]", StepRun._meta.get_field(column))
    return field.get_db_prep_save(value, connection)
