"""The guide for those who build websites: its examples are understood, its lists are whole."""

import re
from typing import Final

import pytest

from cms.document_types import BLOCK_SCHEMAS, TYPES
from delivery.interface import COMMON_FIELDS
from tests.api.conftest import Reader
from tests.architecture.layers import ROOT
from tests.factories.documents import Library

GUIDE: Final = (ROOT / "docs" / "api.md").read_text()
EXAMPLES: Final = sorted(
    {
        path
        for text in (GUIDE, (ROOT / "README.md").read_text())
        for path in re.findall(r'"\$api(/[^"]+)"', text)
        if "$" not in path
    }
)
REFUSED: Final = {"/content/blog-posts?limt=3"}
FOR_CALLERS: Final = {"/webhooks"}


@pytest.mark.parametrize("path", EXAMPLES)
def test_each_example_is_understood(library: Library, reader: Reader, path: str) -> None:
    # What an example names is in the demo, not here: 404 is as good as 200.
    # Nor does history go back to the instants of the guide.
    expected = {400} if path in REFUSED else {410} if "as_of=" in path else {200, 404}
    # The guide sends a token, which is nobody's here.
    expected = {401} if path in FOR_CALLERS else expected
    assert reader.get(path).status_code in expected


def test_each_type_is_listed_with_its_fields() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| ([^|]+) \|$", GUIDE, re.MULTILINE)
    told = {name: re.findall(r"`(\w+)`", fields) for name, fields in rows}
    assert told == {item.name: [*item.by_name] for item in TYPES if item.is_listed}


def test_the_fields_that_each_document_has_are_told() -> None:
    (sentence,) = re.findall(r"^Every document also has (.+?)\.", GUIDE, re.MULTILINE)
    assert re.findall(r"`(\w+)`", sentence) == [item.name for item in COMMON_FIELDS]


def test_the_fields_that_can_be_filtered_are_told() -> None:
    (paragraph,) = re.findall(
        r"^Only declared fields can be filtered: (.+?)\n\n", GUIDE, re.MULTILINE | re.DOTALL
    )
    told = set(re.findall(r"`(\w+)`", paragraph))
    fields = [*COMMON_FIELDS, *(item for kind in TYPES for item in kind.fields if kind.is_listed)]
    assert told == {item.name for item in fields if item.is_filterable}


def test_the_blocks_are_told() -> None:
    (paragraph,) = re.findall(
        r"^A body is a list of blocks.+?The types are (.+?);", GUIDE, re.MULTILINE | re.DOTALL
    )
    assert set(re.findall(r"`(\w+)`", paragraph)) == set(BLOCK_SCHEMAS)
