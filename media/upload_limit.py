"""A bound on what one request may bring in files."""

from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

_SLACK_BYTES: Final = 1024 * 1024


class UploadLimitHandler(FileUploadHandler):
    """Ends a request whose files together outgrow the largest document: 400, nothing kept.

    Django reads a form's files before any view has asked who sends them, and bounds only the
    other fields.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bytes_left = settings.WAGTAILDOCS_MAX_UPLOAD_SIZE + _SLACK_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        """Passes the data on to the handlers that keep it. Raises `RequestDataTooBig`."""
        self._bytes_left -= len(raw_data)
        if self._bytes_left < 0:
            for handler in self.request.upload_handlers if self.request else ():
                handler.upload_interrupted()
            raise RequestDataTooBig("The files of this request are too large.")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handlers make the file."""
