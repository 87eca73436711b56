"""Images, their renditions, and files for download."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.documents.models import Document as WagtailDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.images.models import Image as WagtailImage

from core.interface import new_uuid7


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


class CustomImage(AbstractImage):
    """An image. Wagtail's `description` is its alternative text; the maker's due stands beside."""

    credit = models.CharField(
        _("credit"), max_length=255, blank=True, help_text=_("Who made it, as it should be shown.")
    )

    admin_form_fields = (*WagtailImage.admin_form_fields, "credit")

    class Meta(AbstractImage.Meta):
        permissions = (("choose_image", "Can choose image"),)

    def get_upload_to(self, filename: str) -> str:
        """A new name under `originals/`; the extension stays."""
        return stored_name("originals", filename)


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
