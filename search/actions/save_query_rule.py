"""Giving a query results of its own."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.interface import User
from core.interface import NotFound
from delivery.interface import Document, refuse
from search.entries import searched_types
from search.indexing import tell_of_changes
from search.models import PastQuery, QueryRule, RuledResult
from search.places import require_locale
from search.policy import require_manager
from search.query import read_terms
from search.query_key import query_key
from search.tuning import MOST_HIDDEN, MOST_PINNED


@transaction.atomic
def save_query_rule(
    *,
    user: User,
    site_id: int,
    locale: str,
    query: str,
    pinned: Sequence[UUID],
    hidden: Sequence[UUID],
    is_suggested: bool = True,
    rule_id: int | None = None,
) -> QueryRule:
    """Stores what a query finds first and never, in place of what is stored for it.

    Without `rule_id`, of a query that has a rule already this one takes the place.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such rule any more.
        Invalid: a field that cannot be; it names it.
    """
    require_manager(user)
    require_locale(site_id, locale)
    key = query_key(read_terms(query))
    if not key:
        raise refuse("query", "no_words", "Write what visitors type: some words, not too many.")
    place: dict[str, Any] = {"site_id": site_id, "locale": locale, "query": key}
    # Held until the end: of two who save at the same time, the second replaces what the first said.
    rules = QueryRule.objects.select_for_update()
    if rule_id is None:
        rule, _ = rules.get_or_create(**place)
    else:
        rule = find_query_rule(rule_id, rules)
        if QueryRule.objects.filter(**place).exclude(pk=rule_id).exists():
            raise refuse("query", "repeated", "This query has results of its own already.")
    held = rule.results.values_list("document_id", flat=True)
    check_results(site_id, locale, pinned, hidden, held=held)
    before = rule.site_id
    rule.site_id, rule.locale, rule.query = site_id, locale, key
    rule.is_suggested = is_suggested
    rule.save()
    rule.results.all().delete()
    RuledResult.objects.bulk_create(
        RuledResult(rule=rule, document_id=document_id, position=position, is_hidden=is_hidden)
        for ids, is_hidden in ((pinned, False), (hidden, True))
        for position, document_id in enumerate(ids)
    )
    if not is_suggested:
        PastQuery.objects.filter(site_id=site_id, locale=locale, query=key).delete()
    tell_of_changes({before, site_id})
    return rule


@transaction.atomic
def delete_query_rule(*, user: User, rule_id: int) -> None:
    """Removes a rule; again, it does nothing.

    Raises:
        Forbidden: the person may not.
    """
    require_manager(user)
    rule = QueryRule.objects.filter(pk=rule_id).first()
    if rule is not None:
        rule.delete()
        tell_of_changes({rule.site_id})


def find_query_rule(rule_id: int, among: QuerySet[QueryRule] | None = None) -> QueryRule:
    """A rule, of all or of those that are `among`.

    Raises:
        NotFound: there is none.
    """
    rule = (QueryRule.objects.all() if among is None else among).filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def check_results(
    site_id: int,
    locale: str,
    pinned: Sequence[UUID],
    hidden: Sequence[UUID],
    *,
    held: Iterable[UUID] = (),
) -> None:
    """Checks that results can be pinned and hidden so. Those that are `held` already may stay.

    Raises:
        Invalid: too many, the same twice, or no public document of this website and language
            that is searched.
    """
    for pointer, ids, most in (("pinned", pinned, MOST_PINNED), ("hidden", hidden, MOST_HIDDEN)):
        if len(ids) > most:
            raise refuse(pointer, "too_many", f"Name at most {most}.")
        if len(set(ids)) < len(ids):
            raise refuse(pointer, "repeated", "A page stands here twice.")
    if set(pinned) & set(hidden):
        raise refuse("hidden", "contradiction", "A page is either on top or hidden.")
    known = set(held).union(
        Document.objects.filter(
            id__in=[*pinned, *hidden], site_id=site_id, locale=locale, type__in=searched_types()
        ).values_list("id", flat=True)
    )
    for pointer, ids in (("pinned", pinned), ("hidden", hidden)):
        for document_id in ids:
            if document_id not in known:
                detail = "The website has no such published page in this language."
                raise refuse(pointer, "unknown_document", f"{document_id}: {detail}")
