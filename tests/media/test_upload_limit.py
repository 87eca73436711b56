"""What an anonymous request can make the server keep."""

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

MEGABYTE = 1024 * 1024


@pytest.mark.django_db
def test_request_of_too_many_bytes_ends_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = {
        f"file{number}": SimpleUploadedFile("a.pdf", b"x" * 9 * MEGABYTE) for number in range(6)
    }

    response = Client().post("/admin/login/", files)

    assert response.status_code == 400
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_request_within_the_limit_is_read() -> None:
    files = {"file": SimpleUploadedFile("a.pdf", b"x" * 9 * MEGABYTE)}

    assert Client().post("/admin/login/", files).status_code == 200
