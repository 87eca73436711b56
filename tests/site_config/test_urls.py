"""The URL surface as a whole."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_the_bare_address_leads_to_the_admin() -> None:
    answer = Client().get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
