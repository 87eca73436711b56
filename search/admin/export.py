"""Reports as files for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from django.http import HttpResponse

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_response(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A file to be saved: UTF-8 with a mark that spreadsheets know it by, no cell a formula."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        [harmless(cell) for cell in row] for row in rows
    )
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def harmless(cell: object) -> object:
    """The cell, with a quote before what a spreadsheet would take for a formula."""
    if isinstance(cell, str) and cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
