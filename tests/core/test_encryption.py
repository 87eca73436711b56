"""What is encrypted can be read again by us, for the same purpose, and by nobody else."""

import pytest
from pytest_django import Settings

from core.interface import Undecipherable, decrypt, encrypt

SECRET = b"whsec_canary"


def test_what_was_encrypted_is_read_again() -> None:
    first, second = (encrypt(SECRET, purpose="a") for _ in range(2))

    assert first != second
    assert "canary" not in first
    assert decrypt(first, purpose="a") == decrypt(second, purpose="a") == SECRET


def test_for_another_purpose_it_is_nothing() -> None:
    with pytest.raises(Undecipherable):
        decrypt(encrypt(SECRET, purpose="a"), purpose="b")


def test_what_was_changed_is_nothing() -> None:
    text = encrypt(SECRET, purpose="a")
    changed = text[:-8] + ("A" if text[-8] != "A" else "B") + text[-7:]
    for wrong in ("", "x", "ünicode", changed, text[:-4]):
        with pytest.raises(Undecipherable):
            decrypt(wrong, purpose="a")


def test_a_former_key_still_reads(settings: Settings) -> None:
    text = encrypt(SECRET, purpose="a")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10

    with pytest.raises(Undecipherable):
        decrypt(text, purpose="a")
    settings.SECRET_KEY_FALLBACKS = [former]
    assert decrypt(text, purpose="a") == SECRET


def test_the_first_key_encrypts_and_all_read(settings: Settings) -> None:
    with_secret_key = encrypt(SECRET, purpose="a")
    settings.FIELD_ENCRYPTION_KEYS = ["old" * 20]
    with_old = encrypt(SECRET, purpose="a")

    settings.FIELD_ENCRYPTION_KEYS = ["new" * 20, "old" * 20]
    with_new = encrypt(SECRET, purpose="a")
    for text in (with_secret_key, with_old, with_new):
        assert decrypt(text, purpose="a") == SECRET

    settings.FIELD_ENCRYPTION_KEYS = ["new" * 20]
    assert decrypt(with_new, purpose="a") == SECRET
    with pytest.raises(Undecipherable):
        decrypt(with_old, purpose="a")
