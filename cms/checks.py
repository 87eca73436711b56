"""Rules of the house that Django checks at every start."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register
from wagtail.models import get_page_models

from cms.blocks.body import BodyBlock
from cms.document_builders.pages import BUILDERS
from cms.document_types import BLOCK_SCHEMAS, PAGE_TYPES
from cms.models import BasePage


def page_types_are_complete(**_: Any) -> Sequence[CheckMessage]:
    """Every page type extends the base page and has a builder; its document type is a page's."""
    errors = []
    models = [model for model in get_page_models() if model._meta.app_label == "cms"]
    for model in models:
        label = model._meta.label
        if not issubclass(model, BasePage):
            errors.append(Error(f"{label} does not extend cms.models.BasePage.", id="cms.E001"))
        if model not in BUILDERS:
            errors.append(
                Error(f"{label} has no builder in cms.document_builders.pages.", id="cms.E002")
            )
        if getattr(model, "document_type", None) not in PAGE_TYPES:
            told = (
                f"{label}.document_type names no page type of cms.document_types (`is_page=True`)."
            )
            errors.append(Error(told, id="cms.E003"))
    used = {getattr(model, "document_type", None) for model in models}
    errors += [
        Error(f"No page is of the type {name} of cms.document_types.", id="cms.E005")
        for name in PAGE_TYPES
        if name not in used
    ]
    return errors


def blocks_have_schemas(**_: Any) -> Sequence[CheckMessage]:
    """Every block of the body has a schema of its public form, and no schema is left over."""
    blocks, schemas = set(BodyBlock.base_blocks), set(BLOCK_SCHEMAS)
    table = "cms.document_types.BLOCK_SCHEMAS"
    silent = [f"Block {name} has no schema in {table}." for name in sorted(blocks - schemas)]
    left = [f"{table} has {name}, which is no block." for name in sorted(schemas - blocks)]
    return [Error(told, id="cms.E004") for told in (*silent, *left)]


def connect() -> None:
    """Makes the checks part of every start; a second call changes nothing."""
    register(page_types_are_complete)
    register(blocks_have_schemas)
