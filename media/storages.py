"""The stores: private for originals and documents, public for renditions.

On S3 the classes take keys and buckets from the settings, not from their arguments: Wagtail
hands a storage's arguments to the task that deletes a file, and a secret has no place in a queue.
"""

from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

SIGNED_URL_SECONDS: Final = 300
"""How long an address of a private file works."""

PRIVATE_URL_SALT: Final = "media.private"
IMMUTABLE: Final = "public, max-age=31536000, immutable"

IMAGE_TYPES: Final = {
    "avif": "image/avif",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}


def extension_of(name: str) -> str:
    """What follows the last dot, in lower case; empty without a dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


@deconstructible(path="media.storages.LocalPrivateStorage")
class LocalPrivateStorage(FileSystemStorage):
    """Files in a folder that is not served; an address is signed and works for five minutes."""

    def url(self, name: str | None, parameters: dict[str, str] | None = None) -> str:
        """A signed address. `parameters` are S3's; `ResponseContentDisposition` is signed with it."""
        disposition = (parameters or {}).get("ResponseContentDisposition", "")
        token = signing.dumps([name, disposition], salt=PRIVATE_URL_SALT)
        return f"{self.base_url}{token}"


@deconstructible(path="media.storages.LocalRenditionStorage")
class LocalRenditionStorage(FileSystemStorage):
    """Files in a folder that everyone may read, each under a name that is never used again."""


def bucket_settings() -> dict[str, Any]:
    """`settings.MEDIA_S3`; raises `ImproperlyConfigured` where no object store is set."""
    if settings.MEDIA_S3 is None:
        raise ImproperlyConfigured("Set S3_BUCKET to keep files in an object store.")
    return settings.MEDIA_S3


class ConfiguredS3Storage(S3Storage):
    """A bucket as `settings.MEDIA_S3` describes it; nothing in it is ever overwritten."""

    def get_default_settings(self) -> dict[str, Any]:
        """What both stores share."""
        shared = bucket_settings()
        inherited: dict[str, Any] = super().get_default_settings()
        return inherited | {
            "access_key": shared["access_key"],
            "secret_key": shared["secret_key"],
            "endpoint_url": shared["endpoint_url"],
            "region_name": shared["region"],
            "addressing_style": "path" if shared["endpoint_url"] else "virtual",
            "signature_version": "s3v4",
            "default_acl": None,
            "file_overwrite": False,
            "gzip": False,
        }

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """The type of an image by its own table: Python's differs from one machine to the next."""
        parameters: dict[str, Any] = super().get_object_parameters(name)
        content_type = IMAGE_TYPES.get(extension_of(name))
        return parameters | ({"ContentType": content_type} if content_type else {})


@deconstructible(path="media.storages.S3PrivateStorage")
class S3PrivateStorage(ConfiguredS3Storage):
    """Originals and documents: each address is presigned for five minutes."""

    def get_default_settings(self) -> dict[str, Any]:
        """The private bucket, under a folder of its own."""
        return super().get_default_settings() | {
            "bucket_name": bucket_settings()["bucket"],
            "location": "private",
            "querystring_auth": True,
            "querystring_expire": SIGNED_URL_SECONDS,
            "object_parameters": {"CacheControl": "private, no-store"},
        }

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """A document is saved to disk, not shown, whoever signs its address."""
        parameters = super().get_object_parameters(name)
        if name.removeprefix(f"{self.location}/").startswith("documents/"):
            parameters["ContentDisposition"] = "attachment"
        return parameters

    def url(
        self,
        name: str,
        parameters: dict[str, str] | None = None,
        expire: int | None = None,
        http_method: str | None = None,
    ) -> str:
        """A presigned address; a longer life than five minutes is cut to that."""
        seconds = min(expire or SIGNED_URL_SECONDS, SIGNED_URL_SECONDS)
        address: str = super().url(name, parameters, seconds, http_method)
        return address


@deconstructible(path="media.storages.S3RenditionStorage")
class S3RenditionStorage(ConfiguredS3Storage):
    """Renditions: plain addresses under `S3_PUBLIC_BASE_URL`, to be cached for a year."""

    def get_default_settings(self) -> dict[str, Any]:
        """The public bucket, or the public folder of the one bucket."""
        return super().get_default_settings() | {
            "bucket_name": bucket_settings()["renditions_bucket"],
            "location": "renditions",
            "querystring_auth": False,
            "object_parameters": {"CacheControl": IMMUTABLE},
        }

    def url(
        self,
        name: str,
        parameters: dict[str, str] | None = None,  # noqa: ARG002 (S3Storage's signature)
        expire: int | None = None,  # noqa: ARG002
        http_method: str | None = None,  # noqa: ARG002
    ) -> str:
        """The public address: no signature, no expiry, no call to the store."""
        return f"{bucket_settings()['public_base_url']}/{self.location}/{filepath_to_uri(name)}"
