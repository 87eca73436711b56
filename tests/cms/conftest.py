from tests.people import (
    admin,
    colleague,
    editor,
    editorial_setup,
    moderator,
    onlooker,
    operator,
    stranger,
)

__all__ = [
    "admin",
    "colleague",
    "editor",
    "editorial_setup",
    "moderator",
    "onlooker",
    "operator",
    "stranger",
]
