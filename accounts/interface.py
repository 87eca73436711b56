"""The front door of `accounts`."""

from accounts.login_throttle import (
    DEVICE_COOKIE,
    DEVICE_COOKIE_SECONDS,
    LoginAttempt,
    forget_login_failures,
    login_refused_until,
    make_device_cookie,
    record_login_failure,
)
from accounts.models import Role, User
from accounts.people_policy import (
    grantable_groups,
    grantable_roles,
    manageable_people,
    may_manage,
)

__all__ = [
    "DEVICE_COOKIE",
    "DEVICE_COOKIE_SECONDS",
    "LoginAttempt",
    "Role",
    "User",
    "forget_login_failures",
    "grantable_groups",
    "grantable_roles",
    "login_refused_until",
    "make_device_cookie",
    "manageable_people",
    "may_manage",
    "record_login_failure",
]
