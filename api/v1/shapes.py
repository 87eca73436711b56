"""What a body may hold, declared: unknown members are refused, and nothing is converted."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from api.v1.bodies import MOST_ISSUES, escape
from core.interface import Invalid, Issue

_CODES: Final[Mapping[str, str]] = {
    "missing": "missing",
    "extra_forbidden": "unknown_member",
    "literal_error": "unknown_value",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "string_pattern_mismatch": "malformed",
}
_WORDS: Final[Mapping[str, str]] = {
    "missing": "This member is required.",
    "extra_forbidden": "There is no such member here.",
    "string_type": "This is a text.",
    "int_type": "This is a whole number.",
    "bool_type": "This is true or false.",
    "list_type": "This is a list.",
    "model_type": "This is an object.",
}


class Body(BaseModel):
    """An object that a caller sends. Strict: "1" is no number, and 1 is no truth."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Shape = TypeVar("Shape", bound=Body)


def read_shape(shape: type[Shape], content: Mapping[str, Any]) -> Shape:
    """The content as its declaration has it.

    Raises:
        Invalid: with an issue for each fault, whose pointer leads into the body.
    """
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        issues = tuple(_issue(item) for item in error.errors()[:MOST_ISSUES])
        raise Invalid(issues[0].detail, issues) from None


def _issue(fault: Any) -> Issue:
    kind = str(fault["type"])
    pointer = "/".join(("body", *(escape(str(part)) for part in fault["loc"])))
    usual = "wrong_type" if kind.endswith("_type") else "malformed"
    return Issue(pointer, _CODES.get(kind, usual), _WORDS.get(kind, f"{fault['msg']}."))
