"""The way to the cluster: no call without a limit, and no error of the engine's comes through."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

from elasticsearch import (
    ApiError,
    ConnectionTimeout,
    Elasticsearch,
    NotFoundError,
    OrjsonSerializer,
    SerializationError,
    TransportError,
)
from elasticsearch import ConnectionError as NotConnected

from search.engines.breaker import Breaker
from search.engines.protocol import EngineAway

logger = logging.getLogger(__name__)

T = TypeVar("T")

WRITE_SECONDS: Final = 10.0
"""For one bulk request; the steps that send them have a lease of a minute."""
MANAGE_SECONDS: Final = 60.0
"""For what commands ask, such as a new index or a whole rebuild's refresh."""
_STEP_SECONDS: Final = 0.01
"""Limits of time are whole numbers of these."""
_BUSY: Final = 429
_SERVER_FAULT: Final = 500


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """Where the cluster is, and how to sign in there.

    `search_seconds` bounds a whole search, however many requests it takes.
    """

    url: str
    prefix: str = "galley"
    api_key: str = ""
    ca_file: str = ""
    search_seconds: float = 0.25


class Deadline:
    """How much of an allowance is left."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds.

        Raises:
            EngineAway: none.
        """
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise EngineAway("The search took too long.")
        return seconds


class Connection:
    """A client with a breaker of its own. Opens connections when it needs them; threads share it."""

    def __init__(self, address: ClusterAddress) -> None:
        options: dict[str, Any] = {"api_key": address.api_key or None}
        if address.ca_file:
            options["ca_certs"] = address.ca_file
        self._client = Elasticsearch(
            address.url,
            # The second try is for a connection that the server closed while it lay idle.
            max_retries=1,
            retry_on_timeout=False,
            retry_on_status=(),
            serializer=OrjsonSerializer(),
            **options,
        )
        # To make a client takes half a millisecond, and there is one for each limit of time.
        self._limited = lru_cache(maxsize=64)(self._limit)
        self.breaker = Breaker()

    def _limit(self, steps: int) -> Elasticsearch:
        return self._client.options(request_timeout=steps * _STEP_SECONDS)

    def close(self) -> None:
        self._client.close()

    def read(self, call: Callable[[Elasticsearch], T], deadline: Deadline) -> T:
        """What a visitor waits for: fails at once while the engine counts as away.

        Raises:
            EngineAway: no answer in time, or none that helps.
        """
        if not self.breaker.may_try():
            raise EngineAway("The search engine does not answer.")
        return self._guarded(call, deadline.left())

    def write(self, call: Callable[[Elasticsearch], T], seconds: float = WRITE_SECONDS) -> T:
        """What nobody waits for: always tried, within more generous limits.

        Raises:
            EngineAway: as for `read`.
        """
        return self._guarded(call, seconds)

    def _guarded(self, call: Callable[[Elasticsearch], T], seconds: float) -> T:
        try:
            answer = call(self._limited(max(1, round(seconds / _STEP_SECONDS))))
        except ConnectionTimeout as error:
            self.breaker.failed()
            raise EngineAway("The search engine did not answer in time.") from error
        except NotConnected as error:
            self.breaker.failed(is_certain=True)
            raise EngineAway("The search engine cannot be reached.") from error
        except NotFoundError as error:
            self.breaker.succeeded()
            raise MissingIndex("The search engine has no index yet.") from error
        except ApiError as error:
            self._note(error)
            raise EngineAway("The search engine refused.") from error
        except (TransportError, SerializationError) as error:
            self.breaker.failed()
            raise EngineAway("The search engine's answer cannot be read.") from error
        self.breaker.succeeded()
        return answer

    def _note(self, error: ApiError) -> None:
        status = error.meta.status
        if status == _BUSY or status >= _SERVER_FAULT:
            self.breaker.failed()
            logger.warning("The search engine answered %s.", status)
        else:
            # Our fault, not its.
            self.breaker.succeeded()
            logger.error("The search engine refused a request of ours: %s", error)


class MissingIndex(EngineAway):
    """It answers, and has nothing to search: `manage.py rebuild_search` has not run yet."""
