"""Local files over HTTP, when no object store is configured: the demo and a developer's machine."""

import re
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core import signing
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from media.storages import (
    PRIVATE_URL_SALT,
    SIGNED_URL_SECONDS,
    LocalPrivateStorage,
    LocalRenditionStorage,
)

IMAGE_TYPES: Final = {
    "avif": "image/avif",
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
RENDITION_PATH: Final = r"images/[0-9a-f]{32}\.(?:avif|gif|jpg|png|webp)"
"""The only names that renditions have: nothing else is looked up, so no name can leave the folder."""

SANDBOX: Final = "default-src 'none'; sandbox"
