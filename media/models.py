"""Images, their renditions, and files for download."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.documents.models import Document as WagtailDocument
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, get_upload_to
from wagtail.images.models import Image as WagtailImage

from media.admin_sizes import AdminFilter
from media.document_checks import check_document
from media.fields import UprightImageField
from media.file_names import shown_name, stored_name
from media.image_checks import check_image, decoding

ORIGINAL_SPEC: Final = "original"


def document_upload_to(instance: "CustomDocument", filename: str) -> str:
    """Where an uploaded file is kept; notes the editor's name for it, whichever door it came by."""
    instance.original_filename = shown_name(filename)
    return stored_name("documents", filename)


def _is_new(file: FieldFile) -> bool:
    """Whether the file was handed in and is not in the store yet."""
    # Django has no public word for it.
    return bool(file) and not file._committed  # type: ignore[attr-defined]  # noqa: SLF001


def _check_new(file: FieldFile, check: Callable[[FieldFile], None]) -> None:
    """Applies `check` to a file that was handed in, once in its life."""
    if not _is_new(file) or getattr(file.file, "is_checked", False):
        return
    try:
        check(file)
    except ValidationError as refusal:
        raise ValidationError({"file": refusal}) from refusal
    file.file.is_checked = True


def _replaced_name(instance: "CustomImage | CustomDocument") -> str:
    """The name in the store of the file that a save of `instance` puts out of use; else empty."""
    if instance.pk is None:
        return ""
    stored: Any = type(instance).objects.filter(pk=instance.pk).values_list("file", flat=True)
    name: str = stored.first() or ""
    return name if _is_new(instance.file) or name != instance.file.name else ""


def _delete_after_commit(file: FieldFile, name: str) -> None:
    """A transaction that fails keeps the old file; a store that fails is logged, not shown."""
    transaction.on_commit(partial(file.storage.delete, name), robust=True)


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
        verbose_name = _("image")
        verbose_name_plural = _("images")
        permissions = (("choose_image", "Can choose image"),)

    def clean(self) -> None:
        """Refuses a new file that is not an image as `media.image_checks` wants it."""
        super().clean()
        _check_new(self.file, check_image)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Checks a new file, also for code that never cleans; forgets what was made from the old one.

        Raises `ValidationError`. The replaced original goes after the commit.
        """
        CustomImage.clean(self)
        replaced = _replaced_name(self)
        if _is_new(self.file):
            # Wagtail's forms do; the hash also tells apart what caches know of two files.
            self._set_image_file_metadata()
        with transaction.atomic():
            if replaced:
                # Before the row is saved, as saving builds the public document anew.
                self.renditions.all().delete()
                _delete_after_commit(self.file, replaced)
            super().save(*args, **kwargs)

    def get_upload_to(self, filename: str) -> str:
        """A new name under `originals/`; the extension stays."""
        return stored_name("originals", filename)

    def get_rendition(self, filter: Filter | str) -> "CustomRendition":  # noqa: A002
        """Wagtail's; but the original itself, which its pages link to, stays where it is."""
        spec = filter if isinstance(filter, str) else filter.spec
        if spec == ORIGINAL_SPEC:
            return CustomRendition(
                image=self, filter_spec=spec, width=self.width, height=self.height
            )
        rendition: CustomRendition = super().get_rendition(filter)
        return rendition

    def generate_rendition_file(
        self,
        filter: Filter,  # noqa: A002 (Wagtail's name for it)
        *,
        source: "File[Any] | None" = None,
    ) -> "File[Any]":
        """Wagtail's own sizes, for the admin's pages: pixels only, and no temporary file left open."""
        known = AdminFilter(filter.spec)
        with decoding, super().generate_rendition_file(known, source=source) as made:
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

    @property
    def url(self) -> str:
        """A public address; of the original, whose copy would be public too, a signed one."""
        address: str = self.image.file.url if self.filter_spec == ORIGINAL_SPEC else super().url
        return address

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

    @property
    def filename(self) -> str:
        """The name in the address and in the visitor's folder; Wagtail shows it too."""
        return self.original_filename or super().filename

    def clean(self) -> None:
        """Refuses a new file whose content is not what its name says."""
        _check_new(self.file, check_document)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Checks a new file, also for code that never cleans. Raises `ValidationError`.

        The replaced file goes after the commit.
        """
        CustomDocument.clean(self)
        replaced = _replaced_name(self)
        if _is_new(self.file):
            self._set_document_file_metadata()
        elif self.file and self.file_size is None:  # type: ignore[has-type]  # Wagtail's field
            self.file_size = self.file.size
        with transaction.atomic():
            if replaced:
                _delete_after_commit(self.file, replaced)
            super().save(*args, **kwargs)
