"""Making, changing and deleting synonyms."""

import orjson
from django.db import transaction
from django.db.models import QuerySet

from accounts.interface import User
from core.interface import NotFound
from delivery.interface import refuse
from search.copies import changed_sites
from search.indexing import tell_of_changes
from search.models import SynonymKey, SynonymRule
from search.places import require_locale
from search.policy import require_manager
from search.synonyms import MOST_RULES, meanings_of, read_synonyms


@transaction.atomic
def save_synonyms(
    *, user: User, site_id: int | None, locale: str, words: str, others: str, rule_id: int | None
) -> SynonymRule:
    """Stores a rule, in place of the one named; searches heed it from the commit on.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such rule any more.
        Invalid: a field that cannot be; it names it.
    """
    require_manager(user)
    require_locale(site_id, locale)
    text = read_synonyms(words, others, locale)
    # Held until the end: of two who save it at the same time, the second replaces the first's.
    rules = SynonymRule.objects.select_for_update()
    rule = SynonymRule() if rule_id is None else find_synonyms(rule_id, rules)
    before = rule.site_id if rule.pk else site_id
    is_moved = rule.pk is None or rule.locale != locale
    if is_moved and SynonymRule.objects.filter(locale=locale).count() >= MOST_RULES:
        raise refuse("words", "too_many", f"A language has at most {MOST_RULES} rules.")
    rule.site_id, rule.locale = site_id, locale
    rule.words, rule.others = "\n".join(text.words), "\n".join(text.others)
    rule.save()
    rule.keys.all().delete()
    SynonymKey.objects.bulk_create(
        SynonymKey(
            rule=rule,
            site_id=site_id,
            locale=locale,
            key=meaning.key,
            meant=orjson.dumps(meaning.meant).decode(),
        )
        for meaning in meanings_of(text, locale)
    )
    _tell(before, site_id)
    return rule


@transaction.atomic
def delete_synonyms(*, user: User, rule_id: int) -> None:
    """Removes a rule; again, it does nothing.

    Raises:
        Forbidden: the person may not.
    """
    require_manager(user)
    rule = SynonymRule.objects.filter(pk=rule_id).first()
    if rule is not None:
        rule.delete()
        _tell(rule.site_id)


def find_synonyms(rule_id: int, among: QuerySet[SynonymRule] | None = None) -> SynonymRule:
    """A rule, of all or of those that are `among`.

    Raises:
        NotFound: there is none.
    """
    rule = (SynonymRule.objects.all() if among is None else among).filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("There are no such synonyms.")
    return rule


def _tell(*sites: int | None) -> None:
    tell_of_changes(changed_sites() if None in sites else {item for item in sites if item})
