"""The product refuses to start with a page type or a block that is told in one place only."""

from typing import Any

import pytest

from cms import checks
from cms.document_builders.pages import BUILDERS
from cms.document_types import BLOCK_SCHEMAS
from cms.models import ProfilePage

pytestmark = pytest.mark.once


def test_all_is_told_of_what_there_is() -> None:
    assert checks.page_types_are_complete() == []
    assert checks.blocks_have_schemas() == []


def test_each_thing_that_a_page_type_lacks_is_named_at_once(monkeypatch: Any) -> None:
    builders = {model: build for model, build in BUILDERS.items() if model is not ProfilePage}
    monkeypatch.setattr(checks, "BUILDERS", builders)
    monkeypatch.setattr(ProfilePage, "document_type", "people")
    found = [(error.id, error.msg) for error in checks.page_types_are_complete()]
    assert found == [
        ("cms.E002", "cms.ProfilePage has no builder in cms.document_builders.pages."),
        (
            "cms.E003",
            "cms.ProfilePage.document_type names no page type of cms.document_types (`is_page=True`).",
        ),
        ("cms.E005", "No page is of the type profiles of cms.document_types."),
    ]


def test_a_block_without_a_schema_and_a_schema_without_a_block_are_told_apart(
    monkeypatch: Any,
) -> None:
    schemas = {name: schema for name, schema in BLOCK_SCHEMAS.items() if name != "quote"}
    monkeypatch.setattr(checks, "BLOCK_SCHEMAS", schemas | {"metric": {}})
    assert [error.msg for error in checks.blocks_have_schemas()] == [
        "Block quote has no schema in cms.document_types.BLOCK_SCHEMAS.",
        "cms.document_types.BLOCK_SCHEMAS has metric, which is no block.",
    ]
