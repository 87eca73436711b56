"""The reports of past imports in the private store, where the admin on any host finds them."""

import gzip
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO, Final, cast
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.urls import reverse

from cms.importing.report import HTML_NAME, JSON_NAME

REPORT_NAMES: Final = (HTML_NAME, JSON_NAME)


class ReportGone(Exception):
    """The store has no such report: the run was killed, or somebody cleared the store."""


class _Unpacked(gzip.GzipFile):
    """A packed file of the store; closing this closes that too."""

    def __init__(self, packed: "File[bytes]") -> None:
        super().__init__(fileobj=cast("BinaryIO", packed), mode="rb")
        self._packed = packed

    def close(self) -> None:
        """Safe to call again."""
        super().close()
        self._packed.close()


def store_report(run_id: UUID, folder: Path) -> None:
    """Puts the two files that `ReportWriter.finish` left in `folder` into the store, packed.

    A second call for the same run replaces the first one's.
    """
    for name in REPORT_NAMES:
        stored = _stored_name(run_id, name)
        # On disk, as a long report is larger than memory should hold.
        with tempfile.TemporaryFile() as packed:
            with (folder / name).open("rb") as plain, gzip.open(packed, "wb", 6) as stream:
                shutil.copyfileobj(plain, stream)
            packed.seek(0)
            default_storage.delete(stored)
            default_storage.save(stored, File(packed, name=stored))


def open_report(run_id: UUID, name: str) -> BinaryIO:
    """One of `REPORT_NAMES`, to be read unpacked and to be closed by the caller.

    Raises `ReportGone`.
    """
    if name not in REPORT_NAMES:
        raise ReportGone(name)
    stored = _stored_name(run_id, name)
    if not default_storage.exists(stored):
        raise ReportGone(stored)
    return cast("BinaryIO", _Unpacked(default_storage.open(stored, "rb")))


def admin_url() -> str:
    """Where the admin begins, for the links of a report; empty where this part serves none."""
    if not settings.SERVES_ADMIN:
        return ""
    return f"{settings.WAGTAILADMIN_BASE_URL}{reverse('wagtailadmin_home')}"


def _stored_name(run_id: UUID, name: str) -> str:
    return f"imports/{run_id}/{name}.gz"
