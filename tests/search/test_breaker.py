"""When a service that does not answer is asked again."""

import threading

from search.engines.breaker import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_three_failures_in_a_row_open_it_and_one_success_closes_it() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    breaker.failed()
    assert (breaker.is_open, breaker.may_try()) == (False, True)

    breaker.failed()

    assert (breaker.is_open, breaker.may_try()) == (True, False)
    clock.now += FIRST_PAUSE_SECONDS
    assert [breaker.may_try(), breaker.may_try()] == [True, False]
    breaker.succeeded()
    assert [breaker.may_try(), breaker.may_try()] == [True, True]


def test_a_certain_failure_opens_it_at_once() -> None:
    breaker = Breaker(Clock())
    breaker.failed(is_certain=True)
    assert not breaker.may_try()


def test_the_pauses_double_up_to_a_bound_and_begin_anew_after_a_success() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    pauses = []
    for _ in range(7):
        breaker.failed(is_certain=True)
        begun = clock.now
        while not breaker.may_try():
            clock.now += 0.5
        pauses.append(clock.now - begun)
    assert pauses == [1.0, 2.0, 4.0, 8.0, LONGEST_PAUSE_SECONDS, 15.0, 15.0]

    breaker.succeeded()
    breaker.failed(is_certain=True)
    clock.now += FIRST_PAUSE_SECONDS
    assert breaker.may_try()


def test_of_many_at_the_end_of_a_pause_one_tries() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.failed(is_certain=True)
    clock.now += FIRST_PAUSE_SECONDS
    together = threading.Barrier(8)
    allowed: list[bool] = []

    def ask() -> None:
        together.wait(20)
        allowed.append(breaker.may_try())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(allowed) == [False] * 7 + [True]


def test_who_tried_and_never_came_back_keeps_nobody_else_from_it() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.failed(is_certain=True)
    clock.now += FIRST_PAUSE_SECONDS
    assert breaker.may_try()
    clock.now += FIRST_PAUSE_SECONDS
    assert breaker.may_try()
