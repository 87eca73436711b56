"""What faults happen to: processes of the product, and the servers that it leans on."""

import os
import random
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from tests.journeys.nothing_lost.faults import NobodyThere, hang_process, kill_process, one_of
from tests.journeys.nothing_lost.parts import Part, children_of
from tests.postgresql_process import PostgreSqlProcess
from tests.rabbitmq_process import RabbitMqProcess
from tests.redis_process import RedisProcess


@dataclass
class OneOf:
    """One of some processes that do the same; the others go on."""

    parts: Sequence[Part]

    def is_ready(self) -> bool:
        return bool(self._at_work())

    def kill(self, chance: random.Random) -> None:
        """With its children, or without: they must find out by themselves."""
        part = one_of(chance, self._at_work())
        part.kill(alone=chance.random() < 0.5)
        part.start()

    def hang(self, chance: random.Random) -> Callable[[], None]:
        return _hang_group(one_of(chance, self._at_work()).pid)

    def _at_work(self) -> list[Part]:
        return [part for part in self.parts if part.is_up()]


def _hang_group(group: int) -> Callable[[], None]:
    def send(number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(group, number)

    send(signal.SIGSTOP)
    return lambda: send(signal.SIGCONT)


@dataclass
class WorkerAtWork(OneOf):
    """A worker of which a child has begun something: one that is still starting shows nothing."""

    has_begun: Callable[[int], bool]

    def _at_work(self) -> list[Part]:
        found = super()._at_work()
        return [part for part in found if any(map(self.has_begun, children_of(part.pid)))]


@dataclass
class ChildOfOne:
    """A pool's child of a worker, which has begun something; the worker itself lives on.

    A worker whose children die as soon as they are forked gives up and ends, as it should.
    """

    workers: Sequence[Part]
    has_begun: Callable[[int], bool]

    def is_ready(self) -> bool:
        return bool(self._children())

    def kill(self, chance: random.Random) -> None:
        kill_process(one_of(chance, self._children()))

    def hang(self, chance: random.Random) -> Callable[[], None]:
        return hang_process(one_of(chance, self._children()))

    def _children(self) -> list[int]:
        children = (child for part in self.workers for child in children_of(part.pid))
        return [child for child in children if self.has_begun(child)]


@dataclass
class Database:
    """The whole server, its processes and what they hold in memory."""

    server: PostgreSqlProcess

    def is_ready(self) -> bool:
        return self.server.answers()

    def kill(self, _chance: random.Random) -> None:
        self.server.stop()
        self.server.start()

    def hang(self, _chance: random.Random) -> Callable[[], None]:
        self.server.hang()
        return self.server.go_on


@dataclass
class DatabaseConnection:
    """The server's process for one client: then the server ends all others too, and recovers."""

    server: PostgreSqlProcess

    def is_ready(self) -> bool:
        try:
            return bool(self._backends())
        except NobodyThere:
            return False

    def kill(self, chance: random.Random) -> None:
        kill_process(one_of(chance, self._backends()))

    def hang(self, chance: random.Random) -> Callable[[], None]:
        return hang_process(one_of(chance, self._backends()))

    def _backends(self) -> list[int]:
        try:
            return self.server.backends()
        except psycopg.OperationalError as error:
            raise NobodyThere from error


@dataclass
class Broker:
    """Takes ten seconds to come back, in which everything else goes on."""

    server: RabbitMqProcess

    def is_ready(self) -> bool:
        return self.server.answers()

    def kill(self, _chance: random.Random) -> None:
        self.server.stop()
        self.server.spawn()

    def hang(self, _chance: random.Random) -> Callable[[], None]:
        self.server.hang()
        return self.server.go_on


@dataclass
class Cache:
    """Comes back empty."""

    server: RedisProcess

    def is_ready(self) -> bool:
        return True

    def kill(self, _chance: random.Random) -> None:
        self.server.stop()
        self.server.start()

    def hang(self, _chance: random.Random) -> Callable[[], None]:
        self.server.hang()
        return self.server.go_on
