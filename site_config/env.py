"""Typed readers of the environment.

Each reader takes the variable's name and a default. A variable without a default is
required: when it is missing, or holds what cannot be read, `ImproperlyConfigured` stops
the start. `secret` also reads the file that `<NAME>_FILE` names, as mounted secrets
come in containers, and fails loudly when that file cannot be read.
"""

import os
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

_REQUIRED: Final = object()
_BOOLEANS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _read(name: str, default: object) -> object:
    value = os.environ.get(name)
    if value is not None and value != "":
        return value
    if default is _REQUIRED:
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return default


def text(name: str, default: object = _REQUIRED) -> str:
    """The variable as it stands; an empty one counts as absent."""
    return str(_read(name, default))


def boolean(name: str, default: object = _REQUIRED) -> bool:
    """True or False, written as true/false, 1/0 or yes/no; anything else is refused."""
    value = _read(name, default)
    if isinstance(value, bool):
        return value
    try:
        return _BOOLEANS[str(value).lower()]
    except KeyError:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.") from None


def integer(name: str, default: object = _REQUIRED) -> int:
    """A whole number; anything else is refused."""
    value = _read(name, default)
    try:
        return int(str(value))
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def items(name: str, default: object = _REQUIRED) -> list[str]:
    """A list, written with commas; blanks around an item are dropped."""
    value = _read(name, default)
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [item.strip() for item in str(value).split(",") if item.strip()]


def choice(name: str, options: tuple[str, ...], default: object = _REQUIRED) -> str:
    """One of `options`; anything else is refused."""
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def secret(name: str, default: object = _REQUIRED) -> str:
    """The content of the file that `<name>_FILE` names, else the variable itself."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return text(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {path}, which cannot be read: {error}."
        ) from error


def secret_items(name: str, default: object = _REQUIRED) -> list[str]:
    """A list of secrets, written with commas, in the variable or in the file of `<name>_FILE`."""
    value = secret(name, "" if default is not _REQUIRED else _REQUIRED)
    return [item.strip() for item in value.split(",") if item.strip()]
