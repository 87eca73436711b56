"""How a private file is answered: never stored by a cache, never run by a browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse

from media.storages import IMAGE_TYPES, extension_of

CHUNK_BYTES: Final = 256 * 1024


def content_type_of(name: str) -> str:
    """The type that goes with the extension; text is declared as UTF-8, so nothing else is guessed."""
    extension = extension_of(name)
    known = IMAGE_TYPES.get(extension) or settings.WAGTAILDOCS_CONTENT_TYPES.get(extension)
    content_type: str = known or "application/octet-stream"
    return f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type


class AsyncChunks:
    """A file read in a thread, chunk by chunk, for a server that must not wait; closed with the answer."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await sync_to_async(self._file.read)(CHUNK_BYTES):
            yield chunk

    def close(self) -> None:
        self._file.close()


def file_response(request: HttpRequest, path: Path, disposition: str) -> HttpResponseBase:
    """The file at `path`, streamed as the server reads it; 404 when it is not there."""
    try:
        file = path.open("rb")
    except OSError:
        raise Http404 from None
    content_type = content_type_of(path.name)
    response: StreamingHttpResponse
    if isinstance(request, ASGIRequest):
        response = StreamingHttpResponse(AsyncChunks(file), content_type=content_type)
    else:
        response = FileResponse(file, content_type=content_type)
    response["Content-Length"] = str(path.stat().st_size)
    response["Content-Disposition"] = disposition
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
