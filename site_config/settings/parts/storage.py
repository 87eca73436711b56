"""Where files are kept: under `var/media`, or on S3 when `S3_BUCKET` is set."""

from pathlib import Path
from typing import Any


def storage_settings(var_dir: Path) -> dict[str, Any]:
    """Django's `STORAGES`: `default` is private (originals, documents), `renditions` is public."""
    media = var_dir / "media"
    return {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": media / "private", "base_url": "/media/private/"},
        },
        "renditions": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": media / "renditions", "base_url": "/media/"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
