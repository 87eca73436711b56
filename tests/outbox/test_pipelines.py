import pytest

from outbox.interface import LedgerEvent, Pipeline, Step


def _do_nothing(event: LedgerEvent) -> None:
    pass


FIRST = Step("first", _do_nothing)
SECOND = Step("second", _do_nothing, needs=("first",))


def test_steps_keep_their_order() -> None:
    pipeline = Pipeline({"a": (FIRST, SECOND), "b": (FIRST,)})

    assert pipeline.steps_for("a") == (FIRST, SECOND)
    assert pipeline.steps_for("unknown") == ()
    assert pipeline.types_with("second") == ["a"]
    assert list(pipeline.steps) == ["first", "second"]


def test_a_need_stands_before_its_step() -> None:
    with pytest.raises(ValueError, match="second needs a step that is not before it"):
        Pipeline({"a": (SECOND, FIRST)})


def test_a_name_means_one_step() -> None:
    with pytest.raises(ValueError, match="Two steps are named first"):
        Pipeline({"a": (FIRST,), "b": (Step("first", _do_nothing, is_ordered=False),)})
