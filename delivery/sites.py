"""Which website a request is for, as far as the public side knows."""

from collections.abc import Iterable

from django.db import transaction

from core.interface import NotInTransaction
from delivery.models import DeliverySite


def save_sites(sites: Iterable[DeliverySite]) -> None:
    """Makes `sites` the known websites; the others are forgotten.

    Raises:
        NotInTransaction: no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("Sites commit with the edit that changes them.")
    rows = list(sites)
    DeliverySite.objects.exclude(id__in=[row.id for row in rows]).delete()
    for row in rows:
        row.save()
