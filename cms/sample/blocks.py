"""Turns the blocks of the content files into stored ones: keys become rows, lines a text."""

import re
from collections.abc import Callable
from typing import Any, Final

from wagtail.blocks import StreamBlock, StreamValue

from cms.sample.content_files import stable_uuid
from cms.sample.registry import Registry

_PAGE_LINK: Final = re.compile(r"<a page='([^']+)'>")
_OTHER_LINK: Final = re.compile(r"<a href='([^']+)'>")


class BlockResolver:
    """Resolves the blocks of one page, whose `name` makes the blocks' ids."""

    def __init__(self, registry: Registry, *, locale: str, name: str) -> None:
        self._registry = registry
        self._locale = locale
        self._name = name
        self._converters: dict[str, Callable[[Any], Any]] = {
            "rich_text": self.rich_text,
            "image": self._image,
            "gallery": lambda value: {"images": [self._image(item) for item in value["images"]]},
            "code": lambda value: {**value, "code": "\n".join(value["code"])},
            "table": self._table,
            "call_to_action": self.link,
            "faq": lambda value: {"items": [self.question(item) for item in value["items"]]},
            "file": lambda value: {
                **value,
                "document": self._registry.documents[value["document"]].pk,
            },
            "callout": lambda value: {**value, "text": self.rich_text(value["text"])},
        }

    def stream(self, block: StreamBlock, children: list[dict[str, Any]], field: str) -> StreamValue:
        """The value of a stream field, from blocks as the files write them."""
        return block.to_python(
            [
                {
                    "id": str(stable_uuid(f"{self._name}:{self._locale}:{field}:{index}")),
                    "type": child["type"],
                    "value": self._convert(child["type"], child["value"]),
                }
                for index, child in enumerate(children)
            ]
        )

    def rich_text(self, paragraphs: list[str]) -> str:
        """Wagtail's own HTML, in which a link names a page by its number."""
        html = _PAGE_LINK.sub(self._page_link, "".join(paragraphs))
        return _OTHER_LINK.sub(r'<a href="\1">', html)

    def question(self, item: dict[str, Any]) -> dict[str, Any]:
        """A question with its answer as rich text."""
        return {"question": item["question"], "answer": self.rich_text(item["answer"])}

    def link(self, value: dict[str, Any]) -> dict[str, Any]:
        """A link whose page, if it has one, is a number; links below it likewise."""
        key = value["page"]
        resolved = {**value, "page": self._registry.page(key, self._locale).pk if key else None}
        if "children" in value:
            resolved["children"] = [self.link(child) for child in value["children"]]
        return resolved

    def _convert(self, kind: str, value: Any) -> Any:
        converter = self._converters.get(kind)
        return converter(value) if converter else value

    def _page_link(self, match: re.Match[str]) -> str:
        return f'<a linktype="page" id="{self._registry.page(match[1], self._locale).pk}">'

    def _image(self, value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "image": self._registry.images[value["image"]].pk}

    def _table(self, value: dict[str, Any]) -> dict[str, Any]:
        rich = [column["type"] == "rich_text" for column in value["columns"]]
        rows = [
            [
                self.rich_text([f"<p>{cell}</p>"]) if is_rich else cell
                for cell, is_rich in zip(row, rich, strict=True)
            ]
            for row in value["rows"]
        ]
        return {**value, "rows": [{"values": row} for row in rows]}
