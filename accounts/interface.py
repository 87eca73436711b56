"""The front door of `accounts`."""

from accounts.models import Role, User

__all__ = ["Role", "User"]
