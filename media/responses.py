"""How a private file is answered: never stored by a cache, never run by a browser."""

import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse

from media.storages import IMAGE_TYPES, extension_of

CHUNK_BYTES: Final = 256 * 1024
TEXT_TYPES: Final = {"csv": "text/csv", "md": "text/markdown", "txt": "text/plain"}


def content_type_of(name: str) -> str:
    """The type that goes with the extension; text is declared as UTF-8, so nothing else is guessed."""
    extension = extension_of(name)
    if extension in TEXT_TYPES:
        return f"{TEXT_TYPES[extension]}; charset=utf-8"
    return IMAGE_TYPES.get(extension) or mimetypes.guess_type(name)[0] or "application/octet-stream"


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
