"""The currencies of ISO 4217 that a price may be in, and how many decimals each has."""

from typing import Final

_EXPONENTS: Final = {
    "AED": 2,
    "AUD": 2,
    "BHD": 3,
    "BRL": 2,
    "CAD": 2,
    "CHF": 2,
    "CLP": 0,
    "CNY": 2,
    "CZK": 2,
    "DKK": 2,
    "EUR": 2,
    "GBP": 2,
    "HKD": 2,
    "HUF": 2,
    "ILS": 2,
    "INR": 2,
    "ISK": 0,
    "JPY": 0,
    "KRW": 0,
    "KWD": 3,
    "MXN": 2,
    "NOK": 2,
    "NZD": 2,
    "PLN": 2,
    "RON": 2,
    "SEK": 2,
    "SGD": 2,
    "TND": 3,
    "TRY": 2,
    "USD": 2,
    "ZAR": 2,
}

CURRENCIES: Final = [(code, code) for code in _EXPONENTS]


def exponent_of(currency: str) -> int:
    """The number of decimals of a currency's amounts (EUR 2, JPY 0, KWD 3).

    Raises:
        KeyError: a code that is not offered.
    """
    return _EXPONENTS[currency]
