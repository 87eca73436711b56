"""Saying no to a query, always in the same words and with the place named."""

from core.interface import Invalid, Issue


def refuse(pointer: str, code: str, detail: str) -> Invalid:
    """The error for one fault in a query; `pointer` names the parameter."""
    return Invalid(detail, (Issue(pointer=pointer, code=code, detail=detail),))
