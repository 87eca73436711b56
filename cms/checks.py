"""Rules of the house that Django checks at every start."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register
from wagtail.models import get_page_models

from cms.blocks.body import BodyBlock
from cms.document_builders.pages import BUILDERS
from cms.document_types import BLOCK_SCHEMAS, TYPES
from cms.models import BasePage


def page_types_are_complete(**_: Any) -> Sequence[CheckMessage]:
    """Every page type extends the base page, and has a builder and a document type."""
    names = {document_type.name for document_type in TYPES}
    errors = []
    for model in get_page_models():
        if model._meta.app_label != "cms":
            continue
        label = model._meta.label
        if not issubclass(model, BasePage):
            errors.append(Error(f"{label} does not extend cms.models.BasePage.", id="cms.E001"))
        elif model not in BUILDERS:
            errors.append(
                Error(f"{label} has no builder in cms.document_builders.pages.", id="cms.E002")
            )
        elif getattr(model, "document_type", None) not in names:
            errors.append(
                Error(f"{label}.document_type is none of cms.document_types.", id="cms.E003")
            )
    return errors


def blocks_have_schemas(**_: Any) -> Sequence[CheckMessage]:
    """Every block of the body has a schema of its public form, and no schema is left over."""
    different = set(BodyBlock.base_blocks) ^ set(BLOCK_SCHEMAS)
    return [
        Error(f"Block {name} and its schema in cms.document_types do not match.", id="cms.E004")
        for name in sorted(different)
    ]


def connect() -> None:
    """Makes the checks part of every start; a second call changes nothing."""
    register(page_types_are_complete)
    register(blocks_have_schemas)
