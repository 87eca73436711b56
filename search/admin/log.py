"""Who changed what searches find: kept in Wagtail's log, beside what editors do."""

from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.urls import reverse
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from search.models import QueryRule, SynonymRule

_SHOWN: Final = 5


def log_saved(rule: SynonymRule | QueryRule, user: AbstractBaseUser, *, is_new: bool) -> None:
    """One entry."""
    log(
        instance=rule,
        action="wagtail.create" if is_new else "wagtail.edit",
        user=user,
        title=str(rule)[:200],
        content_changed=True,
    )


def log_deleted(
    model: type[SynonymRule] | type[QueryRule], rule_id: int, user: AbstractBaseUser
) -> None:
    """One entry, to be made before the rule is deleted; none for one that is gone already."""
    rule = model.objects.filter(pk=rule_id).first()
    if rule is not None:
        log(instance=rule, action="wagtail.delete", user=user, title=str(rule)[:200], deleted=True)


def changes_of(model: type[Model], rule_id: int) -> QuerySet[Any]:
    """What was done to a rule, the latest first. One select."""
    content_type = ContentType.objects.get_for_model(model)
    entries = ModelLogEntry.objects.filter(content_type=content_type, object_id=str(rule_id))
    return entries.select_related("user").order_by("-timestamp", "-pk")[:_SHOWN]


class _Finder:
    """Where an entry of the log leads to."""

    def __init__(self, user: AbstractBaseUser) -> None:
        self.user = user

    def get_edit_url(self, rule: SynonymRule | QueryRule) -> str | None:
        """Its form, for those who may open it."""
        if not self.user.has_perm("search.manage_search"):  # type: ignore[attr-defined]
            return None
        name = "search_synonyms_edit" if isinstance(rule, SynonymRule) else "search_rules_edit"
        return reverse(name, args=[rule.pk])


for _model in (SynonymRule, QueryRule):
    register_admin_url_finder(_model, _Finder)
