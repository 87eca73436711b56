"""Clicks on results, as websites tell of them."""

from uuid import UUID

from core.interface import NotFound
from delivery.interface import Document, Site, read_locales
from search.asking import locale_of
from search.counting import Chosen, tally
from search.query import read_terms
from search.query_key import query_key


def count_click(site: Site, *, q: str, locale: str | None, document: UUID, position: int) -> None:
    """Counts that a visitor chose this result. At most one query.

    Of the visitor, nothing is kept; and the order of results does not follow from clicks, so that
    nobody can move a page by them.

    Raises:
        TooManyRequests: this process has taken as many as it does in a minute.
        NotFound: the website has no such public document.
        Invalid: a language that it has not, or too long a query; it names the member.
    """
    tally().take_turn()
    language = locale_of(site, read_locales(locale))
    key = query_key(read_terms(q))
    if not Document.objects.filter(id=document, site_id=site.id).exists():
        raise NotFound("The website has no such document.")
    tally().count_click(Chosen(site.id, language, key, document, position))
