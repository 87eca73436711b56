"""What editors and visitors may leave in the search, so as to have it tell of hidden things."""

from datetime import timedelta

import orjson

from core.interface import utc_now
from search.interface import refresh_past_queries
from search.models import PastQuery, QueryCount, QueryRule, RuledResult, SynonymKey, SynonymRule
from tests.journeys.canaries import CANARY, CanaryWebsite

_PLACE = {"locale": "en"}


def lay_lures(canaries: CanaryWebsite) -> None:
    """Hidden pages on top of queries and words of theirs as synonyms and as what many asked."""
    site_id = canaries.website.site.pk
    for query in ("hello", "editing", "draft"):
        rule = QueryRule.objects.create(site_id=site_id, **_PLACE, query=query)
        RuledResult.objects.bulk_create(
            RuledResult(rule=rule, document_id=key, position=place)
            for place, key in enumerate(sorted(canaries.secrets.ids))
        )
    meaning = SynonymRule.objects.create(**_PLACE, words=f"hello\n{CANARY}")
    meant = orjson.dumps([f"{CANARY} draft", CANARY]).decode()
    SynonymKey.objects.create(rule=meaning, **_PLACE, key="hello", meant=meant)
    for words in (f"{CANARY} draft", f"hello {CANARY}"):
        for age in range(5):
            QueryCount.objects.create(
                site_id=site_id,
                **_PLACE,
                day=utc_now().date() - timedelta(days=age),
                query=words,
                times=100,
                empty=0,
                found=1,
            )
    refresh_past_queries()
    # As if each word had been public when the choice was made.
    for words in (f"{CANARY} draft", f"hello {CANARY}"):
        listed = orjson.dumps(sorted(words.split())).decode()
        PastQuery.objects.create(
            site_id=site_id, **_PLACE, query=words, key=words, words=listed, times=100
        )
