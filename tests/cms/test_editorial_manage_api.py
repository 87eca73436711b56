"""Wagtail's management API is closed to anonymous callers, each route of it."""

import importlib
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, clear_url_caches, get_resolver
from pytest_django import Settings
from wagtail.models import APIToken

from accounts.interface import User
from tests.people import client_of

pytestmark = pytest.mark.django_db

BASE = "/api/manage/v3/"


def routes() -> list[str]:
    """Each route under the management API, with 1 for each of its parameters."""
    resolver = get_resolver("cms.admin.manage_api_urls")

    def walk(patterns: list[Any], prefix: str) -> list[str]:
        found: list[str] = []
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                found.append(BASE + re.sub(r"<[^>]+>", "1", path))
            else:
                found += walk(pattern.url_patterns, path)
        return found

    return walk(resolver.url_patterns, "")


def token_of(user: User) -> dict[str, str]:
    _, plaintext = APIToken.create_token(user=user, name="test")
    return {"Authorization": f"Bearer {plaintext}"}


def test_there_are_routes_to_close() -> None:
    assert len(routes()) > 15
    assert {BASE, BASE + "openapi.json", BASE + "docs/", BASE + "pages/"} <= set(routes())


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wagtail_wrong"}])
def test_each_route_refuses_anonymous_callers(
    client: Client, db: None, headers: dict[str, str]
) -> None:
    for route in routes():
        for method in (client.get, client.post, client.patch, client.delete):
            response = method(route, headers=headers)
            assert response.status_code == 401, route
            assert response["Content-Type"] == "application/problem+json"
            assert response["Cache-Control"] == "private, no-store"
            assert response["WWW-Authenticate"] == 'Bearer realm="manage"'


def test_a_session_opens_the_schema_and_nothing_else(editor: User, stranger: User) -> None:
    schema = {BASE, BASE + "openapi.json", BASE + "docs/"}
    client = client_of(editor)
    for route in routes():
        status = client.get(route).status_code
        assert (status == 401) == (route not in schema), route
    assert client_of(stranger).get(BASE + "openapi.json").status_code == 403


def test_a_token_reads_and_the_answer_is_not_stored(editor: User, client: Client) -> None:
    response = client.get(BASE + "pages/", headers=token_of(editor))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"


def test_a_token_has_no_more_than_its_owners_rights(
    editor: User, stranger: User, client: Client
) -> None:
    assert client.get(BASE + "pages/", headers=token_of(stranger)).status_code == 403
    headers = token_of(editor)
    editor.is_active = False
    editor.save()
    assert client.get(BASE + "pages/", headers=headers).status_code == 401


def test_a_revoked_token_is_refused_also_within_a_session(editor: User) -> None:
    headers = token_of(editor)
    APIToken.objects.get().revoke()
    assert client_of(editor).get(BASE + "openapi.json", headers=headers).status_code == 401


def test_the_docs_can_be_switched_off(admin: User, settings: Settings) -> None:
    settings.WAGTAILAPI_DOCS_ENABLED = False
    for route in ("docs/", "openapi.json"):
        assert client_of(admin).get(BASE + route).status_code == 404


def test_production_has_the_docs_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 60)
    monkeypatch.setenv("ALLOWED_HOSTS", "example.com")
    production = importlib.import_module("site_config.settings.production")
    assert production.WAGTAILAPI_DOCS_ENABLED is False


def read_addresses_again() -> None:
    """Both modules ask whether editors are served when they are first imported."""
    for name in ("media.urls", "site_config.urls"):
        importlib.reload(importlib.import_module(name))
    clear_url_caches()


def test_the_api_role_has_neither_admin_nor_management_api(
    settings: Settings, client: Client
) -> None:
    settings.SERVES_ADMIN = False
    try:
        read_addresses_again()
        for path in (
            "/admin/",
            "/admin/login/",
            "/login/",
            BASE,
            BASE + "pages/",
            "/documents/1/x.pdf",
        ):
            assert client.get(path).status_code == 404, path
    finally:
        settings.SERVES_ADMIN = True
        read_addresses_again()
    assert client.get("/login/").status_code == 302
