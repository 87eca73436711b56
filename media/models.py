"""Images, their renditions, and files for download."""

from typing import Any, ClassVar

from django.core.files.base import ContentFile, File
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.documents.models import Document as WagtailDocument
from wagtail.images.image_operations import FilterOperation
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, get_upload_to
from wagtail.images.models import Image as WagtailImage

from core.interface import new_uuid7
from media.fields import UprightImageField


def stored_name(folder: str, filename: str) -> str:
    """A name in the store: `<folder>/<uuid>.<extension>`, never used twice.

    The editor's own file name is kept in the database only: a name that nobody can choose
    cannot climb folders, and one that is never used again can be cached for ever.
    """
    extension = filename.rpartition(".")[2].lower() if "." in filename else "bin"
    return f"{folder}/{new_uuid7().hex}.{extension[:8]}"


def document_upload_to(_instance: models.Model, filename: str) -> str:
    """Where an uploaded file for download is kept."""
    return stored_name("documents", filename)


class DropMetadata(FilterOperation):
    """Forgets all that is not pixels or colour profile: where a picture was taken is not for all."""

    def construct(self) -> None:
        """Takes no arguments."""

    def run(self, willow: Any, image: AbstractImage, env: dict[str, Any]) -> Any:  # noqa: ARG002
        """Willow copies EXIF into what it saves unless the picture has none."""
        for key in ("exif", "xmp", "comment", "photoshop"):
            willow.image.info.pop(key, None)
        return willow


class PixelsOnlyFilter(Filter):
    """Wagtail's filter, and then nothing but pixels."""

    @property
    def filter_operations(self) -> list[FilterOperation]:
        """Wagtail's, then ours."""
        return [*super().filter_operations, DropMetadata("drop_metadata")]


class CustomImage(AbstractImage):
    """An image. Wagtail's `description` is its alternative text; the maker's due stands beside."""

    file = UprightImageField(
        _("file"), upload_to=get_upload_to, width_field="width", height_field="height"
    )
    credit = models.CharField(
        _("credit"), max_length=255, blank=True, help_text=_("Who made it, as it should be shown.")
    )

    admin_form_fields = (*WagtailImage.admin_form_fields, "credit")

    class Meta(AbstractImage.Meta):
        permissions = (("choose_image", "Can choose image"),)

    def get_upload_to(self, filename: str) -> str:
        """A new name under `originals/`; the extension stays."""
        return stored_name("originals", filename)

    def generate_rendition_file(
        self,
        filter: Filter,  # noqa: A002 (Wagtail's name for it)
        *,
        source: "File[Any] | None" = None,
    ) -> "File[Any]":
        """Wagtail's own sizes, for the admin's pages: pixels only, and no temporary file left open."""
        with super().generate_rendition_file(PixelsOnlyFilter(filter.spec), source=source) as made:
            made.seek(0)
            return ContentFile(made.read(), name=made.name)


class CustomRendition(AbstractRendition):
    """A size of an image, as the public sees it."""

    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"), name="media_rendition_unique"
            )
        ]

    def get_upload_to(self, filename: str) -> str:
        """A new name for each file that is made: who knows the old one still gets the old bytes."""
        return stored_name("images", filename)


class CustomDocument(AbstractDocument):
    """A file that a page offers for download. The visitor sees `original_filename`."""

    file = models.FileField(_("file"), upload_to=document_upload_to)
    original_filename = models.CharField(max_length=255, blank=True, editable=False)

    admin_form_fields = WagtailDocument.admin_form_fields

    class Meta(AbstractDocument.Meta):
        permissions = (("choose_document", "Can choose document"),)
