"""Where files are kept: under `var/media`, or on S3 when `S3_BUCKET` is set."""

from pathlib import Path
from typing import Any

from site_config import env


def s3_settings() -> dict[str, Any] | None:
    """What `media.storages` needs to know of the object store; None without `S3_BUCKET`.

    Renditions stand under `renditions/`, originals and documents under `private/`: in one bucket
    or, with `S3_RENDITIONS_BUCKET`, in two. Without keys, boto3 finds the machine's own role.
    """
    bucket = env.text("S3_BUCKET", "")
    if not bucket:
        return None
    endpoint = env.text("S3_ENDPOINT_URL", "").rstrip("/")
    region = env.text("S3_REGION", "us-east-1")
    renditions_bucket = env.text("S3_RENDITIONS_BUCKET", bucket)
    own_address = (
        f"{endpoint}/{renditions_bucket}"
        if endpoint
        else f"https://{renditions_bucket}.s3.{region}.amazonaws.com"
    )
    return {
        "bucket": bucket,
        "renditions_bucket": renditions_bucket,
        "endpoint_url": endpoint or None,
        "region": region,
        "access_key": env.secret("S3_ACCESS_KEY_ID", "") or None,
        "secret_key": env.secret("S3_SECRET_ACCESS_KEY", "") or None,
        "public_base_url": env.text("S3_PUBLIC_BASE_URL", own_address).rstrip("/"),
    }


def storage_settings(var_dir: Path, s3: dict[str, Any] | None) -> dict[str, Any]:
    """Django's `STORAGES`: `default` is private (originals, documents), `renditions` is public."""
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    if s3:
        return {
            "default": {"BACKEND": "media.storages.S3PrivateStorage"},
            "renditions": {"BACKEND": "media.storages.S3RenditionStorage"},
            "staticfiles": static,
        }
    folder = var_dir / "media"
    return {
        "default": {
            "BACKEND": "media.storages.LocalPrivateStorage",
            "OPTIONS": {"location": str(folder / "private"), "base_url": "/media/private/"},
        },
        "renditions": {
            "BACKEND": "media.storages.LocalRenditionStorage",
            "OPTIONS": {"location": str(folder / "renditions"), "base_url": "/media/"},
        },
        "staticfiles": static,
    }
