"""The sizes that Wagtail makes for its admin, as we let it make them."""

from typing import Any

from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.image_operations import FilterOperation
from wagtail.images.models import Filter

from media.sizes import ADMIN_SPECS


class DropMetadata(FilterOperation):
    """Forgets all that is not pixels or colour profile: where a picture was taken is not for all."""

    def construct(self) -> None:
        """Takes no arguments."""

    def run(self, willow: Any, image: Any, env: dict[str, Any]) -> Any:  # noqa: ARG002
        """Willow copies EXIF into what it saves unless the picture has none."""
        for key in ("exif", "xmp", "comment", "photoshop"):
            willow.image.info.pop(key, None)
        return willow


class AdminFilter(Filter):
    """Wagtail's filter for a size that we know, and then nothing but pixels."""

    def __init__(self, spec: str) -> None:
        """Raises `InvalidFilterSpecError` for any other size."""
        if spec not in ADMIN_SPECS:
            raise InvalidFilterSpecError(f"This size of an image is not made: {spec}")
        super().__init__(spec)

    @property
    def filter_operations(self) -> list[FilterOperation]:
        """Wagtail's, then ours."""
        return [*super().filter_operations, DropMetadata("drop_metadata")]
