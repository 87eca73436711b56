"""The public sizes of pictures, made beside the import rather than while it holds the ledger.

Publishing makes them where they are missing, and every editor would wait for that. Coding a
picture needs no Python, so a second core does it while the first one imports texts.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Self

from django.db import DatabaseError, connection, connections
from wagtail.images.models import SourceImageIOError

from media.interface import CustomImage, describe_image

logger = logging.getLogger(__name__)


class PublicSizes:
    """Makes the sizes of the images that it is told of, one after the other.

    Inside a transaction it does so at once: another thread would not see the image yet.
    """

    def __init__(self) -> None:
        self._pool = None if connection.in_atomic_block else ThreadPoolExecutor(1, "public-sizes")
        self._under_way: dict[int, Future[None]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def begin(self, pk: int) -> None:
        """The image will be public: its sizes are to be made soon."""
        if self._pool is None:
            _make(pk)
            return
        future = self._pool.submit(_make_and_close, pk)
        self._under_way[pk] = future
        future.add_done_callback(lambda _done: self._under_way.pop(pk, None))

    def wait_for(self, pks: Iterable[int]) -> None:
        """Returns when the sizes of these are made, as far as `begin` was told of them."""
        wait([future for pk in pks if (future := self._under_way.get(pk)) is not None])


def _make_and_close(pk: int) -> None:
    try:
        _make(pk)
    finally:
        connections.close_all()  # the thread's own


def _make(pk: int) -> None:
    try:
        image = CustomImage.objects.filter(pk=pk).first()
        if image is not None:
            describe_image(image)
    except (SourceImageIOError, DatabaseError) as problem:
        # Publishing tries again, and says what it makes of a broken file.
        logger.warning("The sizes of image %s could not be made beforehand: %s", pk, problem)
