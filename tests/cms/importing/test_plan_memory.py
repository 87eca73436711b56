"""Reading and planning take the same memory for ten times the items."""

import tracemalloc
from collections.abc import Iterator

import pytest

from cms.importing.addresses import AddressReader
from cms.importing.content import SourceItem
from cms.importing.options import Silent
from cms.importing.plan import batches, count_work, plan
from cms.importing.reading import spool
from cms.importing.scratch import Scratch
from tests.cms.importing.shelf import HOST, Shelf, post, text


class Endless(Shelf):
    """Makes its items while they are read."""

    amount = 0

    def items(self) -> Iterator[SourceItem]:
        for n in range(self.amount):
            html = f'<p>{"word " * 50}<a href="/p{n + 1}/">next</a></p>'
            yield post(f"p{n}", 1 + n % 28, body=text(html))


def peak_mib(amount: int) -> float:
    source = Endless()
    source.amount = amount
    tracemalloc.start()
    with Scratch() as scratch:
        spool(source, scratch, AddressReader(frozenset({HOST})), Silent())
        plan(scratch, None)
        assert count_work(scratch) == amount
        assert sum(len(scratch.spooled(batch)) for batch in batches(scratch, 5)) == amount
    peak = tracemalloc.get_traced_memory()[1] / 1024**2
    tracemalloc.stop()
    return peak


@pytest.mark.slow
@pytest.mark.django_db
def test_memory_does_not_grow_with_the_number_of_items():
    peak_mib(100)  # what is loaded once
    few, many = peak_mib(1_000), peak_mib(10_000)
    assert many < few + 1.0, (few, many)
