"""The OpenAPI description, the schemas and the documentation agree with what is served."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.core.management import CommandError, call_command
from django.urls import URLPattern, URLResolver, get_resolver

from api.v1.openapi.document import SNAPSHOT, openapi_document
from delivery.interface import all_types, document_marker
from tests.api.conftest import Reader
from tests.factories.documents import Library, paragraph

SCHEMA_ROUTE = "api/v1/schemas/events/<str:name>.schema.json"
"""Of the messages to other programs, which are no answers of the API."""
SCHEMAS = Path(__file__).parents[2] / "delivery" / "schemas"


def routes(patterns: Any, prefix: str = "") -> list[str]:
    found = []
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            found.append(path)
    return found


def test_the_file_is_what_is_served(reader: Reader, db: None) -> None:
    response = reader.get("/openapi.json")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response.content == SNAPSHOT.read_bytes()
    assert reader.get("/openapi.json", if_none_match=response["ETag"]).status_code == 304


def test_the_commands_tell_when_a_file_is_stale(monkeypatch: Any, tmp_path: Path) -> None:
    call_command("export_openapi", check=True)
    call_command("export_schemas", check=True)

    monkeypatch.setattr("delivery.schema_files.SCHEMAS", tmp_path)
    with pytest.raises(CommandError, match=r"Run manage\.py export_schemas"):
        call_command("export_schemas", check=True)
    call_command("export_schemas")
    call_command("export_schemas", check=True)
    assert len(list(tmp_path.iterdir())) == len(all_types())


def test_every_route_is_described() -> None:
    served = {path for path in routes(get_resolver().url_patterns) if path.startswith("api/v1/")}
    described = {path.removeprefix("/") for path in openapi_document()["paths"]}

    generic = {
        re.sub(r"<(\w+)>", r"{\1}", path.replace("<type_name>", item.name))
        for path in served - {"api/v1/openapi.json", SCHEMA_ROUTE}
        for item in all_types()
        if item.is_listed
    }
    assert generic == described


def test_every_operation_is_complete() -> None:
    document = openapi_document()
    names = set()
    public = {path: item for path, item in document["paths"].items() if "/webhooks" not in path}
    click = public.pop("/api/v1/search/clicks")["post"]
    assert {"202", "400", "404", "405", "413", "415", "429", "500"} <= set(click["responses"])
    sent = click["requestBody"]["content"]["application/json"]
    validate(sent["schema"], sent["example"], document)
    for path, item in public.items():
        operation = item["get"]
        names.add(operation["operationId"])
        assert operation["summary"], path
        assert {"200", "304", "400", "405", "413", "414", "500", "503"} <= set(
            operation["responses"]
        )
        assert ("404" in operation["responses"]) == (
            "{key}" in path or path.endswith(("resolve", "site"))
        )
        content = operation["responses"]["200"]["content"]["application/json"]
        assert content["example"], path
        validate(content["schema"], content["example"], document)
    assert len(names) == len(public)


def test_every_private_operation_is_complete() -> None:
    document = openapi_document()
    operations = [
        (path, method, operation)
        for path, item in document["paths"].items()
        if "/webhooks" in path
        for method, operation in item.items()
    ]
    assert len(operations) == 14
    assert len({operation["operationId"] for _, _, operation in operations}) == 14
    for path, method, operation in operations:
        assert operation["summary"], path
        assert operation["security"] == [{"token": []}]
        responses = operation["responses"]
        assert {"400", "401", "403", "405", "413", "415", "500", "503"} <= set(responses)
        assert ("404" in responses) == ("{webhook_id}" in path)
        assert ("412" in responses) == any(
            item.get("name") == "If-Match" for item in operation["parameters"]
        )
        assert ("428" in responses) == (method == "patch")
        (success,) = [int(status) for status in responses if int(status) < 300]
        if success != 204:
            content = responses[str(success)]["content"]["application/json"]
            validate(content["schema"], content["example"], document)


def validate(schema: dict[str, Any], value: Any, document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(
        value
    )


def test_nothing_private_is_described(reader: Reader, db: None) -> None:
    document = reader.get("/openapi.json").json()
    for path in [path for path in document["paths"] if "/webhooks" in path]:
        del document["paths"][path]
    # What only callers with a token see is described too, but nowhere else.
    for name in ("WebhookWithSecret", "SecretRotation", "Webhook"):
        del document["components"]["schemas"][name]
    del document["components"]["securitySchemes"]
    document["info"]["description"] = ""
    text = json.dumps(document).lower().replace("sync_token", "")

    for word in ("password", "email", "token", "secret", "hash", "last_login", "is_superuser"):
        assert word not in text


@pytest.mark.parametrize("query", ["", "?format=json", "?include=authors.photo,tags"])
def test_answers_fit_their_schemas(library: Library, reader: Reader, query: str) -> None:
    image = library.image(1)
    author = library.profile(1, photo=image)
    blocks = [
        paragraph("<p>x</p>"),
        {
            "id": "2",
            "type": "image",
            "value": {"image": document_marker(image), "alt": None, "caption": ""},
        },
    ]
    library.post(
        1, authors=[author], tags=[library.tag(1)], cover=image, body=blocks, mentions=[image]
    )
    library.save()
    document = openapi_document()

    for path in ("/content/blog-posts", "/content/blog-posts/post-1"):
        described = document["paths"][f"/api/v1{path.replace('post-1', '{key}')}"]["get"]
        schema = described["responses"]["200"]["content"]["application/json"]["schema"]
        validate(schema, reader.json(path + query), document)
    one = reader.json(f"/content/blog-posts/post-1{query}")["data"]
    schema = json.loads((SCHEMAS / "blog-posts.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(one)


def test_the_documentation_needs_nothing_from_elsewhere(reader: Reader, db: None) -> None:
    page = reader.client.get("/api/docs")

    assert page.status_code == 200
    text = page.content.decode()
    assert "/static/ninja/swagger-ui-bundle.js" in text
    assert '"url":"/api/v1/openapi.json"' in text
    assert "//" not in text.replace("http://www.w3.org", "")
    assert page["Content-Security-Policy"].startswith("default-src 'self'")
