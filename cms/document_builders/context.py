"""What a document under construction refers to, noted while its parts are built."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from wagtail.models import Page
from wagtail.rich_text import RichText

from cms.document_builders.rich_text import file_address, rewrite
from delivery.interface import (
    Reference,
    clean_text,
    document_id_for,
    document_marker,
    image_marker,
    path_marker,
)
from media.interface import CustomDocument, CustomImage, is_public

DependantKind = Literal["image", "tag", "category"]


@dataclass(frozen=True, slots=True, order=True)
class Dependant:
    """A thing that is public only while something published shows it: an image, a tag, a category."""

    kind: DependantKind
    pk: int
    site_id: int

    @property
    def document_id(self) -> UUID:
        """The id of its document on this site."""
        return document_id_for(self.kind, self.pk, site_id=self.site_id)

    @property
    def source(self) -> str:
        """How documents name it as what they were made from."""
        return source_of(self.kind, self.pk)


def source_of(kind: str, pk: int) -> str:
    """How a document names what it was made from: "page:12"."""
    return f"{kind}:{pk}"


def file_reference_id(pk: int) -> UUID:
    """Stands for a file among references. Files have no documents: what they are is copied.

    The edge is there so that a file that changes finds the documents that hold a copy.
    """
    return document_id_for("file", pk)


def page_document_id(pk: int) -> UUID:
    """The id of a page's document, which is the same wherever the page lies."""
    return document_id_for("page", pk)


@dataclass(slots=True)
class DocumentContext:
    """Collects the references of one document; implements `cms.blocks.base.BuildContext`.

    `field_name` is the field being built: references inside heavy fields are noted under it.
    """

    site_id: int
    field_name: str = ""
    dependants: set[Dependant] = field(default_factory=set)
    _targets: dict[str, list[UUID]] = field(default_factory=dict)

    def refer_pages(self, field_name: str, pks: Iterable[int]) -> list[str]:
        """Notes pages under a field, in order; gives their documents' ids."""
        return [self._note(field_name, page_document_id(pk)) for pk in pks]

    def refer_dependants(
        self, field_name: str, kind: DependantKind, pks: Iterable[int]
    ) -> list[str]:
        """Notes images, tags or categories under a field, in order; gives their documents' ids."""
        ids = []
        for pk in pks:
            dependant = Dependant(kind, pk, self.site_id)
            self.dependants.add(dependant)
            ids.append(self._note(field_name, dependant.document_id))
        return ids

    def refer_page(self, field_name: str, pk: int | None) -> str | None:
        """As `refer_pages`, for one or none."""
        return None if pk is None else self.refer_pages(field_name, [pk])[0]

    def refer_image(self, field_name: str, pk: int | None) -> str | None:
        """As `refer_dependants`, for one image or none."""
        return None if pk is None else self.refer_dependants(field_name, "image", [pk])[0]

    def references(self) -> tuple[Reference, ...]:
        """All that was noted; a target that a field names twice stands there once."""
        return tuple(
            Reference(name, position, target)
            for name, targets in sorted(self._targets.items())
            for position, target in enumerate(dict.fromkeys(targets))
        )

    def page(self, page: Page | None) -> str | None:
        """The marker of a page; nothing for none."""
        return None if page is None else self.page_by_key(page.pk)

    def page_by_key(self, pk: int) -> str:
        """The marker of a page, by its key."""
        return document_marker(UUID(self.refer_pages(self.field_name, [pk])[0]))

    def image(self, image: CustomImage | None) -> str | None:
        """The marker of an image; nothing for none."""
        if image is None:
            return None
        return document_marker(UUID(self.refer_dependants(self.field_name, "image", [image.pk])[0]))

    def file(self, document: CustomDocument | None) -> Mapping[str, Any] | None:
        """Title, file name, address, size and type of a file; nothing for none.

        Nothing either for a file in a private collection: not even its title is for everyone.
        """
        if document is None:
            return None
        self._note("files", file_reference_id(document.pk))
        if not is_public(document):
            return None
        filename = clean_text(document.original_filename or document.filename)
        return {
            "title": clean_text(document.title),
            "filename": filename,
            "url": file_address(document.pk, filename),
            "size_bytes": document.file_size,
            "type": document.content_type,
        }

    def rich_text(self, value: RichText | None) -> Mapping[str, Any]:
        """`{"html": ...}`, sanitised, with markers for links to pages and for images."""
        source = "" if value is None else value.source
        return {"html": self.html(source)}

    def html(self, source: str) -> str:
        """As `rich_text`, from Wagtail's stored form to the HTML alone."""
        return rewrite(
            clean_text(source),
            page_href=self._page_href,
            file_href=self._file_href,
            image=self._inline_image,
        )

    def text(self, value: str | None) -> str:
        """The words without control characters."""
        return clean_text(str(value)) if value else ""

    def _note(self, field_name: str, target: UUID) -> str:
        self._targets.setdefault(field_name, []).append(target)
        return str(target)

    def _page_href(self, pk: int) -> str | None:
        return path_marker(UUID(self.refer_pages(self.field_name, [pk])[0])) if pk else None

    def _file_href(self, pk: int) -> str | None:
        document = CustomDocument.objects.filter(pk=pk).first()
        described = self.file(document)
        return None if described is None else str(described["url"])

    def _inline_image(self, pk: int, alt: str) -> str | None:
        if not CustomImage.objects.filter(pk=pk).exists():
            return None
        return image_marker(UUID(self.refer_dependants(self.field_name, "image", [pk])[0]), alt)
