"""The forms through which editors bring images and documents."""

from typing import Any

from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from media.image_checks import CheckedImageField


class ImageForm(BaseImageForm):
    """Wagtail's form with our field for the file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            plain = self.fields["file"]
            self.fields["file"] = CheckedImageField(
                label=plain.label, required=plain.required, widget=plain.widget
            )

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 (Django's signature)
        """Wagtail would delete the replaced file at once; `CustomImage.save` does so after commit."""
        self.original_file = None
        return super().save(commit=commit)


class DocumentForm(BaseDocumentForm):
    """Wagtail's form; what the file must be, `CustomDocument.clean` says."""

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 (Django's signature)
        """Wagtail would delete the replaced file at once; `CustomDocument.save` does so after commit."""
        self.original_file = None
        return super().save(commit=commit)
