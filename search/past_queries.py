"""What others have searched for, as suggestions: only what many asked, and only public words.

Whoever asks the same often enough can have it suggested, so that takes several days, and every word
of it must be one that public documents have: nobody can put words there that the website has not.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import orjson
from django.db import transaction
from django.db.models import Count, Sum

from core.interface import utc_now
from search.analysis import analyzer_for
from search.engines.database.tables import beginning, fetch, tables
from search.indexing import tell_of_changes
from search.models import PastQuery, QueryCount, QueryRule, VocabularyWord
from search.query import read_terms

LOOKED_BACK: Final = timedelta(days=30)
LEAST_TIMES: Final = 10
LEAST_DAYS: Final = 3
SHORTEST: Final = 3
MOST_KEPT: Final = 2000
"""Of a website in a language."""


def refresh_past_queries() -> int:
    """Chooses anew what is suggested; gives how many. A schedule calls it."""
    wanted: list[PastQuery] = []
    places = QueryCount.objects.order_by("site_id", "locale").values_list("site_id", "locale")
    for site_id, locale in places.distinct():
        wanted += _chosen(site_id, locale)
    with transaction.atomic():
        held = {
            (item.site_id, item.locale, item.query, item.times) for item in PastQuery.objects.all()
        }
        new = {(item.site_id, item.locale, item.query, item.times) for item in wanted}
        if held != new:
            PastQuery.objects.all().delete()
            PastQuery.objects.bulk_create(wanted)
            tell_of_changes({item[0] for item in held ^ new})
    return len(wanted)


def find_past_queries(text: str, *, site_id: int, locale: str, limit: int) -> list[str]:
    """Those that begin so, the most asked first. One query, and none for fewer than one."""
    key = _key(text, locale)
    if not key or limit < 1:
        return []
    rows = fetch(
        "SELECT p.query FROM search_pastquery p WHERE p.site_id = %s AND p.locale = %s"
        f" AND {tables().begins.format('p.key')} AND NOT EXISTS (SELECT 1"
        f" FROM {tables().texts.format('p.words')} WHERE NOT EXISTS (SELECT 1"
        " FROM search_vocabularyword w WHERE w.site_id = p.site_id AND w.locale = p.locale"
        f" AND w.word = x.value)) ORDER BY p.times DESC, p.query LIMIT {int(limit)}",
        [site_id, locale, *beginning(key)],
    )
    return [row[0] for row in rows]


def _chosen(site_id: int, locale: str) -> list[PastQuery]:
    """Asked often, on several days, never in vain; in plain words that are all public."""
    place = {"site_id": site_id, "locale": locale}
    since = utc_now().date() - LOOKED_BACK
    asked = (
        QueryCount.objects.filter(**place, day__gte=since)
        .values("query")
        .annotate(times_in_all=Sum("times"), in_vain=Sum("empty"), days=Count("day"))
        .filter(times_in_all__gte=LEAST_TIMES, days__gte=LEAST_DAYS, in_vain=0)
        .order_by("-times_in_all", "query")
        .values_list("query", "times_in_all")[:MOST_KEPT]
    )
    unwanted = set(
        QueryRule.objects.filter(**place, is_suggested=False).values_list("query", flat=True)
    )
    found = [
        PastQuery(
            **place,
            query=query,
            key=_key(query, locale),
            words=orjson.dumps(words).decode(),
            times=times,
        )
        for query, times in asked
        if query not in unwanted and (words := _plain_words(query, locale))
    ]
    public = _public_words(site_id, locale, (w for p in found for w in orjson.loads(p.words)))
    return [item for item in found if public.issuperset(orjson.loads(item.words))]


def _plain_words(query: str, locale: str) -> list[str]:
    """The words of a query that has nothing but words; none of one that is too short."""
    terms = read_terms(query)
    if terms.phrases or terms.excluded or len(query) < SHORTEST:
        return []
    return sorted(
        {word.folded for text in terms.words for word in analyzer_for(locale).words(text)}
    )


def _public_words(site_id: int, locale: str, words: Iterable[str]) -> set[str]:
    wanted: Sequence[str] = sorted(set(words))
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        known = VocabularyWord.objects.filter(
            site_id=site_id, locale=locale, word__in=wanted[start : start + 500]
        )
        found.update(known.values_list("word", flat=True))
    return found


def _key(text: str, locale: str) -> str:
    return " ".join(word.folded for word in analyzer_for(locale).words(text))[:128]
