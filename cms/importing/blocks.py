"""A body as adapters write it becomes a body as Wagtail keeps it, fit for the editor's form."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any, Final
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.text import slugify

from cms.blocks.heading import ANCHOR
from cms.blocks.images import LONGEST_ALT
from cms.blocks.languages import CODE_LANGUAGES
from cms.importing.content import BlockData, Change
from cms.importing.resolve import Resolver

RawBlock = dict[str, Any]
BLOCK_NAMESPACE: Final = UUID("5b0d8f0e-6a7c-4a53-9f0e-3f6f3c1c2a10")
_LANGUAGES: Final = frozenset(code for code, _ in CODE_LANGUAGES)
_LEVELS: Final = frozenset({"h2", "h3", "h4"})
_CALLOUTS: Final = frozenset({"info", "tip", "warning", "danger"})
_TAG: Final = re.compile(r"<[^>]+>")
_GALLERY_SIZE: Final = 50
_check_url: Final = URLValidator(schemes=["http", "https"])


def stream_of(body: Iterable[BlockData], resolver: Resolver, *, key: str) -> list[RawBlock]:
    """The blocks in Wagtail's stored form. Ids follow from `key` and the order, so that a second
    import of the same text makes the same stream.
    """
    fitter = _Fitter(resolver)
    raw: list[RawBlock] = []
    for block in body:
        raw += fitter.fit(block)
    return with_ids(raw, key)


def with_ids(blocks: Sequence[RawBlock], key: str) -> list[RawBlock]:
    """The blocks with an id each, the members of lists included."""
    return [
        {
            "type": block["type"],
            "value": _with_inner_ids(block["value"], f"{key}:{number}"),
            "id": str(uuid5(BLOCK_NAMESPACE, f"{key}:{number}")),
        }
        for number, block in enumerate(blocks)
    ]


def _with_inner_ids(value: Any, key: str) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: with_ids(part, f"{key}:{name}")
        if isinstance(part, list) and part and "type" in part[0] and "value" in part[0]
        else part
        for name, part in value.items()
    }


def list_of(values: Iterable[Any]) -> list[RawBlock]:
    """Values as the members of a ListBlock."""
    return [{"type": "item", "value": value} for value in values]


def is_web_url(url: str) -> bool:
    """Whether a URL field of the editor takes it."""
    try:
        _check_url(url)
    except ValidationError:
        return False
    return True


def plain(html: str) -> str:
    """The words of HTML."""
    return " ".join(unescape(_TAG.sub(" ", html)).split())


@dataclass(slots=True)
class _Fitter:
    resolver: Resolver

    def fit(self, block: BlockData) -> list[RawBlock]:
        """The block in the editor's terms; nothing, with a note, where nothing of it is left."""
        notes = self.resolver.notes
        name, value = str(block.get("type")), block.get("value")
        make = _MAKERS.get(name)
        if make is None:
            notes.add(Change.DROPPED, "block-unknown", f"There are no blocks of the kind “{name}”.")
            return []
        try:
            return make(self, value)
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as problem:
            notes.add(
                Change.DROPPED,
                "block-unreadable",
                f"A block of the kind “{name}” could not be read ({problem}).",
            )
            return []

    def rich_text(self, value: str) -> list[RawBlock]:
        html = self.resolver.html(value)
        return [{"type": "rich_text", "value": html}] if html else []

    def heading(self, value: Mapping[str, Any]) -> list[RawBlock]:
        text = self.resolver.notes.fit(value["text"], 200, "heading")
        if not text:
            return []
        level = value.get("level") if value.get("level") in _LEVELS else "h2"
        return [
            {
                "type": "heading",
                "value": {"text": text, "level": level, "anchor": self._anchor(value)},
            }
        ]

    def _anchor(self, value: Mapping[str, Any]) -> str:
        anchor = str(value.get("anchor") or "")
        if not anchor or ANCHOR.match(anchor):
            return anchor
        made = slugify(anchor).strip("-_")[:100]
        self.resolver.notes.add(
            Change.CHANGED, "anchor-changed", f"The anchor “{anchor}” became “{made}”."
        )
        return made

    def image(self, value: Mapping[str, Any]) -> list[RawBlock]:
        fitted = self._image(value)
        return [{"type": "image", "value": fitted}] if fitted else []

    def _image(self, value: Mapping[str, Any]) -> dict[str, Any] | None:
        notes = self.resolver.notes
        pk = self.resolver.image(value["image"])
        if pk is None:
            return None
        return {
            "image": pk,
            "alt": notes.fit(value.get("alt") or "", LONGEST_ALT, "alternative text"),
            "caption": notes.fit(value.get("caption") or "", 300, "caption"),
        }

    def gallery(self, value: Mapping[str, Any]) -> list[RawBlock]:
        images = [fitted for image in value["images"] if (fitted := self._image(image))]
        return [
            {
                "type": "gallery",
                "value": {"images": list_of(images[start : start + _GALLERY_SIZE])},
            }
            for start in range(0, len(images), _GALLERY_SIZE)
        ]

    def quote(self, value: Mapping[str, Any]) -> list[RawBlock]:
        text = value["text"].strip()
        attribution = self.resolver.notes.fit(value.get("attribution") or "", 200, "attribution")
        if not text:
            return []
        return [{"type": "quote", "value": {"text": text, "attribution": attribution}}]

    def code(self, value: Mapping[str, Any]) -> list[RawBlock]:
        code = value["code"]
        if not code.strip():
            return []
        language = value.get("language")
        return [
            {
                "type": "code",
                "value": {
                    "language": language if language in _LANGUAGES else "text",
                    "code": code,
                    "caption": self.resolver.notes.fit(value.get("caption") or "", 200, "caption"),
                },
            }
        ]

    def table(self, value: Mapping[str, Any]) -> list[RawBlock]:
        rows = [[self.resolver.html(str(cell), is_short=True) for cell in r] for r in value["rows"]]
        headings = [plain(str(heading)) for heading in value.get("columns") or ()]
        width = max([len(headings), *map(len, rows)], default=0)
        if not width or not (rows or any(headings)):
            return []
        headings += [""] * (width - len(headings))
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
        is_rich = [any("<" in row[column] for row in rows) for column in range(width)]
        return [
            {
                "type": "table",
                "value": {
                    "caption": plain(str(value.get("caption") or "")),
                    "columns": [
                        {"type": "rich_text" if rich else "text", "heading": heading}
                        for rich, heading in zip(is_rich, headings, strict=True)
                    ],
                    "rows": [
                        {
                            "values": [
                                cell if rich else unescape(cell)
                                for rich, cell in zip(is_rich, row, strict=True)
                            ]
                        }
                        for row in rows
                    ],
                },
            }
        ]

    def embed(self, value: Mapping[str, Any]) -> list[RawBlock]:
        url = self.resolver.find(value["url"]).url or value["url"]
        caption = self.resolver.notes.fit(value.get("caption") or "", 300, "caption")
        if not is_web_url(url):
            message = f"{url} is no address that could be embedded."
            self.resolver.notes.add(Change.DROPPED, "embed-unfit", message)
            return []
        return [{"type": "embed", "value": {"url": url, "caption": caption}}]

    def callout(self, value: Mapping[str, Any]) -> list[RawBlock]:
        text = self.resolver.html(value["text"], is_short=True)
        title = self.resolver.notes.fit(value.get("title") or "", 120, "title of a callout")
        if not text:
            return self.rich_text(f"<p>{escape(title)}</p>") if title else []
        kind = value.get("kind")
        return [
            {
                "type": "callout",
                "value": {
                    "kind": kind if kind in _CALLOUTS else "info",
                    "title": title,
                    "text": text,
                },
            }
        ]

    def file(self, value: Mapping[str, Any]) -> list[RawBlock]:
        title = self.resolver.notes.fit(value.get("title") or "", 200, "title of a file")
        found = self.resolver.find(value["document"])
        if found.kind == "document":
            return [{"type": "file", "value": {"document": found.pk, "title": title}}]
        if found.kind == "image":
            return self.image({"image": value["document"], "alt": title})
        words = escape(title or value["document"])
        return self.rich_text(f'<p><a href="{escape(value["document"])}">{words}</a></p>')

    def call_to_action(self, value: Mapping[str, Any]) -> list[RawBlock]:
        notes = self.resolver.notes
        label = notes.fit(value.get("label") or value.get("title") or "", 60, "label of a button")
        title = notes.fit(value.get("title") or label, 120, "title of a call to action")
        page, url = self.resolver.page_or_url(value["url"])
        if not title or not (page or is_web_url(url)):
            words = " ".join(filter(None, [title, value.get("text")]))
            return self.rich_text(f"<p>{escape(words)}</p>")
        text = value.get("text") or ""
        return [
            {
                "type": "call_to_action",
                "value": {"label": label, "page": page, "url": url, "title": title, "text": text},
            }
        ]


_MAKERS: Final[dict[str, Callable[[_Fitter, Any], list[RawBlock]]]] = {
    name: getattr(_Fitter, name)
    for name in (
        *("rich_text", "heading", "image", "gallery", "quote", "code", "table", "embed"),
        *("callout", "file", "call_to_action"),
    )
}
