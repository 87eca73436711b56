"""The people of a demonstration: they exist only where somebody asked for them."""

import json
import os
import secrets
from pathlib import Path
from typing import Final

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.interface import User
from cms.workflows import EDITORS, MODERATORS

# Easy to type and to read out: no look-alikes. 16 letters of 31 are 79 bits.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_PEOPLE: Final = (
    ("editor@example.com", "Edith Editor", EDITORS),
    ("editor2@example.com", "Emil Editor", EDITORS),
    ("moderator@example.com", "Mona Moderator", MODERATORS),
    ("admin@example.com", "Ada Admin", None),
)


@transaction.atomic
def ensure_demo_people(credentials_file: Path) -> dict[str, str]:
    """Makes the demo's users and returns their passwords by address.

    Passwords are generated once and kept in `credentials_file`, which only its owner may read.
    A second run changes no password; a user whose password is unknown (the file is gone) gets
    a new one.
    """
    known = _read(credentials_file)
    for email, name, group_name in _PEOPLE:
        user = User.objects.filter(email=email).first()
        if user is not None and email in known:
            continue
        known[email] = known.get(email) or _new_password()
        if user is None:
            create = User.objects.create_user if group_name else User.objects.create_superuser
            user = create(email, known[email], name=name)
        else:
            user.set_password(known[email])
            user.save(update_fields=["password"])
        if group_name:
            user.groups.add(Group.objects.get(name=group_name))
    _write(credentials_file, known)
    return {email: known[email] for email, _, _ in _PEOPLE}


def _new_password() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    values = json.loads(path.read_text(encoding="utf-8"))
    return {str(email): str(password) for email, password in values.items()}


def _write(path: Path, passwords: dict[str, str]) -> None:
    """Replaces the file in one step; it is never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(passwords, file, indent=2)
        file.write("\n")
    temporary.replace(path)
