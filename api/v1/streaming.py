"""Long lists as lines of JSON, sent while they are read.

Our own server holds nothing between two batches but the last one. Other servers hold a thread
for as long as the caller takes. Either way a process serves few at a time and none for ever; the
others are told to come back.
"""

import logging
import threading
import time
from collections.abc import Iterator
from typing import Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from api.problems import PROBLEMS, Problem, problem_body, problem_response
from api.v1.moments import content_site
from api.v1.negotiation import LINES
from delivery.interface import ListQuery, stream_list, stream_locales

logger = logging.getLogger(__name__)

STREAM_SECONDS: Final = 600.0
"""How long one stream may take. Then its last line is a problem."""
NO_THREAD_HELD: Final = "galley.no_thread_held"
"""In the environment of a request: whoever serves it asks for each part in a thread that is free."""
AT_ONCE: Final = 16
_AT_ONCE_WITH_THREADS: Final = max(1, settings.SERVING_THREADS - 1)
_BUSY: Final = "Other streams are under way here. Come back in a moment."
_TOO_LONG: Final = f"A stream takes at most {STREAM_SECONDS:.0f} seconds. The list goes on."
_places: Final = threading.BoundedSemaphore(AT_ONCE)
_places_with_threads: Final = threading.BoundedSemaphore(_AT_ONCE_WITH_THREADS)


def lines_response(request: HttpRequest, query: ListQuery) -> HttpResponseBase:
    """The whole list, a document on each line. Kept by no cache.

    The first batch is read before the answer begins, so that what is wrong from the start has
    its own status.
    """
    site = content_site(request, query.as_of)
    headers = {
        "Cache-Control": "no-store",
        "Content-Language": ", ".join(stream_locales(site, query)),
        "Vary": "Accept",
    }
    if request.method == "HEAD":
        return HttpResponse(b"", content_type=LINES, headers=headers)
    places = _places if NO_THREAD_HELD in request.META else _places_with_threads
    if not places.acquire(blocking=False):
        unavailable = PROBLEMS["unavailable"]
        return problem_response(request, unavailable, detail=_BUSY, headers={"Retry-After": "5"})
    stream = Stream(request, stream_list(site, query), places)
    try:
        stream.read_first()
    except BaseException:
        stream.close()
        raise
    parts = InThreads(stream) if isinstance(request, ASGIRequest) else stream
    return StreamingHttpResponse(parts, content_type=LINES, headers=headers)


class Stream:
    """The parts of one answer. Closing it, however often, gives its place to the next caller."""

    def __init__(
        self, request: HttpRequest, batches: Iterator[bytes], places: threading.Semaphore
    ) -> None:
        self._request = request
        self._batches = batches
        self._places = places
        self._first: bytes | None = None
        self._is_over = False
        self._holds_place = True
        self._until = time.monotonic() + STREAM_SECONDS

    def read_first(self) -> None:
        """Reads the first batch, with whatever fault that has."""
        self._first = next(self._batches, b"")

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> bytes:
        """The next batch; a problem as the last line where there should be more and is not."""
        if self._first is not None:
            part, self._first = self._first, None
            return part
        if self._is_over:
            raise StopIteration
        try:
            if time.monotonic() > self._until:
                return self._last_line(PROBLEMS["unavailable"], _TOO_LONG)
            return next(self._batches)
        except (OperationalError, InterfaceError):
            logger.exception("The database ceased to answer in the middle of a stream.")
            return self._last_line(PROBLEMS["unavailable"])
        except StopIteration:
            self.close()
            raise
        except Exception:
            logger.exception("A stream broke off.")
            return self._last_line(PROBLEMS["internal-error"])

    def next_or_none(self) -> bytes | None:
        """The next batch; None at the end."""
        return next(self, None)

    def close(self) -> None:
        """Ends the stream, wherever it is."""
        self._is_over = True
        self._first = None
        if self._holds_place:
            self._holds_place = False
            self._places.release()

    def _last_line(self, problem: Problem, detail: str | None = None) -> bytes:
        self.close()
        return problem_body(self._request, problem, detail=detail) + b"\n"


class InThreads:
    """A stream for an event loop: each part is read in the thread that has the connection."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def __aiter__(self) -> "InThreads":
        return self

    async def __anext__(self) -> bytes:
        part = await sync_to_async(self._stream.next_or_none)()
        if part is None:
            raise StopAsyncIteration
        return part

    def close(self) -> None:
        """Ends the stream."""
        self._stream.close()
