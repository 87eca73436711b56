"""The form behind a service's editor."""

from decimal import Decimal
from typing import Any

from cms.currencies import exponent_of
from cms.page_form import PageForm


class ServiceForm(PageForm):
    """As every page's; a price has the decimals of its currency.

    Stored are three for all, and in half of Europe 480.000 euros are a fortune.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        price = self.initial.get("price")
        if isinstance(price, Decimal) and self.initial.get("currency"):
            shown = price.quantize(Decimal(1).scaleb(-exponent_of(self.initial["currency"])))
            if shown == price:
                self.initial["price"] = shown
