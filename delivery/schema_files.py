"""Schemas that are kept as files: written anew, or compared with what the code says now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from delivery.document_types import all_types
from delivery.json_schema import document_schema, image_reference_schema, shared_schemas

SCHEMAS: Final = Path(__file__).parent / "schemas"
_REFS: Final = "#/$defs"


def document_schema_files() -> dict[Path, bytes]:
    """The content of each type's file under `delivery/schemas`."""
    shared = {**shared_schemas(), "ImageReference": image_reference_schema(_REFS)}
    return {
        SCHEMAS / f"{item.name}.schema.json": as_json(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                **document_schema(item, _REFS),
                "$defs": shared,
            }
        )
        for item in all_types()
    }


def as_json(value: Mapping[str, Any]) -> bytes:
    """JSON for people to read and for version control to compare."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_files(files: Mapping[Path, bytes]) -> list[Path]:
    """Writes what differs; gives the files written. A second call writes none."""
    stale = stale_files(files)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[path])
    return stale


def stale_files(files: Mapping[Path, bytes]) -> list[Path]:
    """Those that are missing or differ from what they should be."""
    return [
        path
        for path, content in files.items()
        if not path.is_file() or path.read_bytes() != content
    ]
