import io
import json
import logging

import pytest
from django.test import Client

from core.interface import log_context
from core.logging import JsonFormatter, PlainFormatter


def _record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("outbox.relay", logging.WARNING, "f.py", 1, message, args, None)
    record.created = 1_793_491_200.25
    for name, value in extra.items():
        setattr(record, name, value)
    return record


def test_a_line_is_one_json_object() -> None:
    line = JsonFormatter().format(_record("two\nlines of %s", "text", page_id=7))

    assert "\n" not in line
    assert json.loads(line) == {
        "@timestamp": "2026-11-01T00:00:00.250000+00:00",
        "level": "warning",
        "logger": "outbox.relay",
        "message": "two\nlines of text",
        "page_id": 7,
    }


def test_the_context_is_on_each_line_inside_it() -> None:
    formatter = JsonFormatter()
    with log_context(request_id="r1"):
        with log_context(event_id="e1"):
            inner = json.loads(formatter.format(_record("inner")))
        outer = json.loads(formatter.format(_record("outer")))
    after = json.loads(formatter.format(_record("after")))

    assert (inner["request_id"], inner["event_id"]) == ("r1", "e1")
    assert outer["request_id"] == "r1"
    assert "event_id" not in outer
    assert "request_id" not in after


def test_an_exception_is_a_field() -> None:
    record = _record("failed")
    try:
        raise ValueError("bad")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)

    assert "ValueError: bad" in json.loads(JsonFormatter().format(record))["exception"]


def test_a_value_that_json_cannot_hold_is_written_as_text() -> None:
    line = JsonFormatter().format(_record("m", path={1}))

    assert json.loads(line)["path"] == "{1}"


def test_plain_lines_show_the_same_fields() -> None:
    with log_context(request_id="r1"):
        line = PlainFormatter().format(_record("failed %s", "twice", page_id=7))

    assert line.endswith("WARNING outbox.relay: failed twice request_id=r1 page_id=7")


@pytest.mark.django_db
def test_lines_of_a_request_carry_its_id(client: Client) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logging.getLogger("django.request").addHandler(handler)
    try:
        client.get("/api/v1/nowhere", headers={"x-request-id": "abcdef-12345"})
    finally:
        logging.getLogger("django.request").removeHandler(handler)

    [line] = written.getvalue().splitlines()
    assert json.loads(line)["request_id"] == "abcdef-12345"
    assert json.loads(line)["status_code"] == 404
