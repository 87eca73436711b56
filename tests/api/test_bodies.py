"""Bodies are read in one way or not at all, and the place of a fault is named (T-80 to T-83)."""

import gzip
import json
import tracemalloc
from typing import Any

import pytest

from tests.api.callers import HOOK, Caller
from webhooks.interface import Subscription

pytestmark = pytest.mark.django_db
GOOD = json.dumps(HOOK).encode()


def faults(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    return [(item["pointer"], item["code"]) for item in response.json()["errors"]]


def with_member(text: str) -> bytes:
    """The right body with a member more or another value."""
    return GOOD[:-1] + b", " + text.encode("utf-8", "surrogatepass") + b"}"


@pytest.mark.parametrize(
    ("raw", "pointer", "code"),
    [
        (b"{", "body", "malformed"),
        (b"null", "body", "wrong_type"),
        (b"[]", "body", "wrong_type"),
        (b'"x"', "body", "wrong_type"),
        (b"\xef\xbb\xbf" + GOOD, "body", "malformed"),
        (GOOD + b"x", "body", "malformed"),
        (GOOD + GOOD, "body", "malformed"),
        (b"// comment\n" + GOOD, "body", "malformed"),
        (GOOD.replace(b'"Website"', b"'Website'"), "body", "malformed"),
        (GOOD.replace(b"Website", b"\xff"), "body", "malformed"),
        (GOOD.replace(b"Website", b"\xc0\xaf"), "body", "malformed"),
        (GOOD.replace(b"Website", b"\xed\xa0\x80"), "body", "malformed"),
        (GOOD.decode().encode("utf-16"), "body", "malformed"),
        (b"[" * 30_000, "body", "malformed"),
        (b"[" * 900 + b"]" * 900, "body", "too_deep"),
        (b'{"name": ' + b"[" * 16 + b"]" * 16 + b"}", "body", "too_deep"),
        (with_member('"name": "Again"'), "body/name", "repeated"),
        (with_member('"n\\u0061me": "Again"'), "body/name", "repeated"),
        (with_member('"more": 1'), "body/more", "unknown_member"),
        (with_member('"a/b~c": 1'), "body/a~1b~0c", "unknown_member"),
        (with_member('"is_active": NaN'), "body", "malformed"),
        (with_member('"is_active": Infinity'), "body", "malformed"),
        (with_member('"site": -Infinity'), "body", "malformed"),
        (with_member('"site": 1e400'), "body", "malformed"),
        (with_member('"site": ' + "9" * 5000), "body", "malformed"),
        (with_member('"site": ' + "9" * 300), "body/site", "out_of_range"),
        (with_member('"site": 9007199254740993'), "body/site", "out_of_range"),
        (with_member('"site": 0.' + "1" * 60), "body/site", "out_of_range"),
        (with_member('"site": 1.5'), "body/site", "wrong_type"),
        (with_member('"site": "1"'), "body/site", "wrong_type"),
        (with_member('"site": true'), "body/site", "wrong_type"),
        (with_member('"is_active": 1'), "body/is_active", "wrong_type"),
        (with_member('"is_active": null'), "body/is_active", "wrong_type"),
        (with_member('"fields": "a\\u0000b"'), "body/fields", "control_character"),
        (with_member('"fields": "a\\u001bb"'), "body/fields", "control_character"),
        (with_member('"fields": "\\ud800"'), "body", "malformed"),
        (with_member('"\\u0000": 1'), "body", "control_character"),
        (with_member('"locales": ["en", "\\u0000"]'), "body/locales/1", "control_character"),
        (with_member('"locales": ["en", 1]'), "body/locales/1", "wrong_type"),
        (with_member('"locales": {"a": 1, "a": 2}'), "body/locales/a", "repeated"),
        (with_member('"scheme": "v2"'), "body/scheme", "unknown_value"),
        (GOOD.replace(b"Website", b""), "body/name", "too_short"),
        (GOOD.replace(b"Website", b"x" * 101), "body/name", "too_long"),
        (GOOD.replace(b"content.*", b"content.lost"), "body/event_types", "unknown_type"),
        (GOOD.replace(b"https://8.8.8.8", b"https://127.0.0.1"), "body/url", "refused"),
        (GOOD.replace(b"https://", b"ftp://"), "body/url", "refused"),
        (with_member('"site": 77'), "body/site", "unknown_site"),
        (with_member('"fields": "nothing"'), "body/fields", "unknown_field"),
        (with_member('"__proto__": {}'), "body/__proto__", "unknown_member"),
        (with_member('"owner": "x"'), "body/owner", "unknown_member"),
        (with_member('"secret": "x"'), "body/secret", "unknown_member"),
        (with_member('"version": 5'), "body/version", "unknown_member"),
    ],
)
def test_what_is_refused_and_where(owner: Caller, raw: bytes, pointer: str, code: str) -> None:
    found = faults(owner.post("/webhooks", raw=raw))
    assert (pointer, code) in found
    assert not Subscription.objects.exists()


def test_several_faults_are_told_at_once(owner: Caller) -> None:
    found = faults(owner.post("/webhooks", {"nmae": "x", "url": 1, "event_types": []}))
    assert sorted(found) == [
        ("body/event_types", "too_short"),
        ("body/name", "missing"),
        ("body/nmae", "unknown_member"),
        ("body/url", "wrong_type"),
    ]
    many = {f"m{number}": 1 for number in range(1000)}
    assert len(faults(owner.post("/webhooks", many))) == 20


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json, application/json",
        "application/merge-patch+json",
    ],
)
def test_other_kinds_of_bodies(owner: Caller, kind: str) -> None:
    response = owner.post("/webhooks", raw=GOOD, kind=kind)
    assert response.status_code == 415
    assert response.json()["type"].endswith("unsupported-media-type")
    assert response.json()["errors"][0]["pointer"] == "header/Content-Type"


def test_what_json_may_be_called(owner: Caller) -> None:
    for kind in ("application/json", 'Application/JSON; charset="UTF-8"'):
        assert owner.post("/webhooks", raw=GOOD, kind=kind).status_code == 201


def test_compressed_and_chunked_bodies(owner: Caller) -> None:
    packed = owner.post("/webhooks", raw=gzip.compress(GOOD), Content_Encoding="gzip")
    assert packed.status_code == 415
    chunked = owner.post("/webhooks", raw=GOOD, Transfer_Encoding="chunked", Content_Length="")
    assert chunked.status_code == 411
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10_000_000])
def test_a_long_body_is_refused_before_it_is_parsed(owner: Caller, size: int) -> None:
    raw = b'{"name": "' + b"x" * (size - 12) + b'"}'
    assert len(raw) == size
    tracemalloc.start()
    response = owner.post("/webhooks", raw=raw)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.status_code == 413
    # The test's own client holds the body too.
    assert most < 4 * size + 10_000_000


def test_many_keys_and_marks_are_no_trouble(owner: Caller) -> None:
    keys = {f"k{number}": number for number in range(5000)}
    assert owner.post("/webhooks", keys).status_code in {400, 413}
    assert faults(owner.post("/webhooks", HOOK | {"name": "e" + "\u0301" * 10_000}))


@pytest.mark.parametrize("route", ["pause", "test", "deliveries/1/replay"])
def test_where_nothing_is_asked_for_nothing_is_taken(owner: Caller, route: str) -> None:
    path = f"/webhooks/{owner.make()['id']}/{route}"
    assert faults(owner.post(path, {"why": "x"})) == [("body/why", "unknown_member")]
    assert owner.post(path, {}).status_code in {200, 202, 404}
    assert owner.post(f"{path}?why=x").status_code == 400


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"first": 1},
        {"since": "2026-01-01T00:00Z", "first": 1, "last": 2},
        {"since": "yesterday"},
        {"since": 1},
        {"since": None},
        {"first": 0, "last": 1},
        {"first": 2, "last": 1},
        {"first": 1, "last": 10_001},
    ],
)
def test_a_replay_is_of_a_time_or_a_stretch(owner: Caller, wanted: Any) -> None:
    path = f"/webhooks/{owner.make()['id']}/replay"
    for pointer, _ in faults(owner.post(path, wanted)):
        assert pointer.startswith("body")


def test_a_dry_run_takes_changes(owner: Caller) -> None:
    path = f"/webhooks/{owner.make()['id']}/dry-run"
    changes = {"event_types": ["site.redirects_changed"]}
    assert owner.post(path, {"events": 5, "changes": changes}).json() == {"data": []}
    assert faults(owner.post(path, {"changes": {"url": "https://10.0.0.1/"}})) == [
        ("body/changes/url", "refused")
    ]
    assert faults(owner.post(path, {"events": 201})) == [("body/events", "out_of_range")]
    assert faults(owner.post(path, {"changes": {"x": 1}})) == [("body/changes/x", "unknown_member")]
