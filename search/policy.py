"""Who may say what searches find, and see what is searched for."""

from typing import Final

from accounts.interface import User
from core.interface import Forbidden

_MANAGE: Final = "search.manage_search"


def may_manage_search(user: User) -> bool:
    """Whether this person has the right."""
    return user.is_active and user.has_perm(_MANAGE)


def require_manager(user: User) -> None:
    """Refuses everybody else.

    Raises:
        Forbidden: the person has no such right.
    """
    if not may_manage_search(user):
        raise Forbidden("You may not manage searches.")
