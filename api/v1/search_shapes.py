"""What comes in under /search."""

from typing import Annotated

from pydantic import Field

from api.v1.shapes import Body
from search.interface import DEEPEST, MOST_CHARACTERS


class Click(Body):
    """A result that a visitor chose. Nothing in it tells who he is."""

    q: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MOST_CHARACTERS,
            description="What was searched for, as it was typed.",
            examples=["gardening"],
        ),
    ]
    document: Annotated[
        str,
        Field(
            pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            description="The `id` of the document that was chosen.",
            examples=["6f0c1c5e-54a2-5c1d-9c53-1de6dbd4b1a1"],
        ),
    ]
    position: Annotated[
        int,
        Field(ge=1, le=DEEPEST, description="Its place among the results, from 1.", examples=[1]),
    ]
    locale: Annotated[
        str | None,
        Field(
            max_length=100,
            description="The parameter `locale` of the search; null without one.",
            examples=["en"],
        ),
    ] = None
