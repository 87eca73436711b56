"""Which form of an answer a caller asks for.

There are two: JSON, and for lists lines of JSON. JSON is the answer to everyone who does not
prefer lines, whatever else he names. RFC 9110 (section 12.5.1) leaves it to the server whether
to refuse with 406 or to send what it has; a refusal would help nobody here, and answers would
have to be told apart by a header that most callers send without a thought.
"""

from typing import Final

from django.http import HttpRequest

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
_RANGES: Final = ("application/*", "*/*")


def prefers_lines(request: HttpRequest) -> bool:
    """Whether lines of JSON are asked for, and rather than JSON."""
    accept = request.META.get("HTTP_ACCEPT", "")
    if LINES not in accept.lower():
        return False
    weights = dict(_weighed(part) for part in accept.lower().split(","))
    lines = weights.get(LINES, 0.0)
    if JSON in weights:
        return lines > weights[JSON]
    # Who names lines and adds "or anything" wants lines.
    return lines > 0 and lines >= max(weights.get(name, 0.0) for name in _RANGES)


def _weighed(part: str) -> tuple[str, float]:
    """A media range and its weight; a weight that is none counts as 0."""
    name, *parameters = (item.strip() for item in part.split(";"))
    for item in parameters:
        key, _, value = item.partition("=")
        if key.strip() == "q":
            try:
                return name, min(max(float(value), 0.0), 1.0)
            except ValueError:
                return name, 0.0
    return name, 1.0
