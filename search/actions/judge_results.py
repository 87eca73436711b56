"""Saying how well documents answer a query."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.interface import User
from delivery.interface import Document, refuse
from search.models import Judgement
from search.places import require_locale
from search.policy import require_manager
from search.query import read_terms
from search.query_key import query_key

GRADES: Final = (0, 1, 2, 3)


@transaction.atomic
def judge_results(
    *, user: User, site_id: int, locale: str, query: str, grades: Mapping[UUID, int | None]
) -> None:
    """Keeps the grade of each document for this query; None takes one back.

    Raises:
        Forbidden: the person may not.
        Invalid: no query, no such grade, or no such public document.
    """
    require_manager(user)
    require_locale(site_id, locale)
    key = query_key(read_terms(query))
    if not key:
        raise refuse("query", "no_words", "Write what visitors type: some words, not too many.")
    given = {key: grade for key, grade in grades.items() if grade is not None}
    if not set(given.values()) <= set(GRADES):
        raise refuse("grades", "out_of_range", "A grade is 0, 1, 2 or 3.")
    known = Document.objects.filter(id__in=given, site_id=site_id, locale=locale).count()
    if known < len(given):
        raise refuse("grades", "unknown_document", "The website has no such published page.")
    place = {"site_id": site_id, "locale": locale, "query": key}
    Judgement.objects.filter(**place, document_id__in=grades).delete()
    Judgement.objects.bulk_create(
        Judgement(**place, document_id=document_id, grade=grade)
        for document_id, grade in given.items()
    )
