"""What the editor of a service shows."""

import re
from decimal import Decimal

import pytest

from accounts.interface import User
from cms.models import ServicePage
from tests.cms.editing import edit_url
from tests.factories.cms import Website
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("price", "currency", "shown"),
    [
        (Decimal(480), "EUR", "480.00"),
        (Decimal("9.5"), "EUR", "9.50"),
        (Decimal(1860000), "JPY", "1860000"),
        (Decimal("1.125"), "KWD", "1.125"),
    ],
)
def test_a_price_has_the_decimals_of_its_currency(
    editorial_setup: None, moderator: User, price: Decimal, currency: str, shown: str
) -> None:
    service = Website().service(price=price, currency=currency)
    service = ServicePage.objects.get(pk=service.pk)

    html = client_of(moderator).get(edit_url(service)).content.decode()

    field = re.search(r'<input[^>]*name="price"[^>]*>', html)
    assert field is not None
    assert f'value="{shown}"' in field.group()
