"""Trying a query before something is changed: what it finds now, and what it would find."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from core.interface import Invalid
from search.actions.judge_results import judge_results
from search.actions.save_query_rule import save_query_rule
from search.actions.save_synonyms import save_synonyms
from search.admin.access import SearchMixin
from search.admin.forms import GradesForm, TryForm
from search.admin.log import log_saved
from search.admin.places import (
    path_of,
    place_choices,
    read_place,
    stored_rule,
    write_pages,
)
from search.models import RuledResult
from search.query import read_terms
from search.query_key import query_key
from search.trying import Place, Quality, Trial, TriedHit, compare_quality, try_query

_FIELDS = ("query", "place", "synonyms", "pinned", "hidden")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A query as it is answered and as it would be."""

    before: Trial
    after: Trial | None
    quality: Quality | None


@dataclass(frozen=True, slots=True)
class Act:
    """What a click does with a result of the trial: the same trial with other changes."""

    label: Any
    name: Any
    url: str


class TryView(SearchMixin, WagtailAdminTemplateMixin, TemplateView):
    """Shows with GET, so that an address can be sent to a colleague; keeps with POST."""

    page_title = _("Try a query")
    header_icon = "view"
    template_name = "search/admin/try.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and the two lists of results beside each other."""
        context = super().get_context_data(**kwargs)
        given = _with_stored(self.request.GET.dict())
        form = TryForm(given) if "query" in given else TryForm(initial=given)
        context["form"] = form
        if not form.is_bound or not form.is_valid():
            return context
        try:
            compared = compare(form)
        except Invalid as error:
            if not form.errors:
                form.take(error)
            return context
        return context | {
            "compared": compared,
            "columns": _columns(compared, form.cleaned_data),
            "kept": [(name, form.cleaned_data[name]) for name in _FIELDS],
            "explanation": _readable((compared.after or compared.before).explanation),
        }

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Keeps the changes, or the grades, and shows the query again."""
        given = {name: request.POST.get(name, "") for name in _FIELDS}
        form = TryForm(given)
        try:
            if not form.is_valid():
                raise Invalid(_t("Something in the form cannot be. Try the query first."))
            if "keep" in request.POST:
                self._keep(form)
                given = {name: given[name] for name in ("query", "place")}
                messages.success(request, _t("Saved. Searches heed it from now on."))
            else:
                self._judge(form)
                messages.success(request, _t("The grades are saved."))
        except Invalid as error:
            messages.error(request, error.detail)
        return redirect(f"{reverse('search_try')}?{urlencode(given)}")

    @transaction.atomic
    def _keep(self, form: TryForm) -> None:
        place, query = form.chosen_place(), form.cleaned_data["query"]
        key = query_key(read_terms(query))
        draft = form.draft(key)
        where: dict[str, Any] = {"site_id": place.site_id, "locale": place.locale}
        for rule in draft.synonyms:
            words, others = "\n".join(rule.words), "\n".join(rule.others)
            saved = save_synonyms(user=self.user, **where, words=words, others=others, rule_id=None)
            log_saved(saved, self.user, is_new=True)
        if (draft.pinned, draft.hidden) != _stored(place, key):
            held = stored_rule(place, key)
            changed = save_query_rule(
                user=self.user,
                **where,
                query=query,
                pinned=draft.pinned,
                hidden=draft.hidden,
                is_suggested=held is None or held.is_suggested,
            )
            log_saved(changed, self.user, is_new=held is None)

    def _judge(self, form: TryForm) -> None:
        place = form.chosen_place()
        ids = [
            name.removeprefix("grade-") for name in self.request.POST if name.startswith("grade-")
        ]
        grades = GradesForm(self.request.POST, ids=ids[:40])
        if not grades.is_valid():
            raise Invalid(_t("A grade is 0, 1, 2 or 3."))
        judge_results(
            user=self.user,
            site_id=place.site_id,
            locale=place.locale,
            query=form.cleaned_data["query"],
            grades={_id(item): grades.cleaned_data[f"grade-{item}"] for item in ids[:40]},
        )


def _columns(
    compared: Comparison, given: dict[str, str]
) -> list[tuple[Any, Trial, list[tuple[TriedHit, Any, list[Act]]]]]:
    """The lists of results beside each other; each page is graded where it stands first."""
    trials = [(_("Now"), compared.before), (_("With the changes"), compared.after)]
    hits = [hit for _title, trial in trials if trial is not None for hit in trial.hits]
    grades = {hit.document_id: hit.grade for hit in hits}
    form = GradesForm(
        ids=[str(key) for key in grades],
        initial={f"grade-{key}": grade for key, grade in grades.items()},
    )
    left = {key: form[f"grade-{key}"] for key in grades}
    return [
        (
            title,
            trial,
            [(hit, left.pop(hit.document_id, None), _acts(given, hit)) for hit in trial.hits],
        )
        for title, trial in trials
        if trial is not None
    ]


def _acts(given: dict[str, str], hit: TriedHit) -> list[Act]:
    """To put a result on top or keep it out, or to take that back."""
    lines = {name: given[name].splitlines() for name in ("pinned", "hidden")}
    own = {str(hit.document_id), hit.path}
    acts = []
    for name, do, undo in (
        ("pinned", _t("Put on top"), _t("Not on top")),
        ("hidden", _t("Keep out"), _t("Let in again")),
    ):
        rest = {
            key: [line for line in kept if line not in own and path_of(line) not in own]
            for key, kept in lines.items()
        }
        is_done = len(rest[name]) < len(lines[name])
        if not is_done:
            rest[name].append(hit.path)
        texts = {key: "\n".join(kept) for key, kept in rest.items()}
        label = undo if is_done else do
        acts.append(
            Act(
                label, f"{label}: {hit.title}", f"?{urlencode(given | texts)}#galley-search-results"
            )
        )
    return acts


def compare(form: TryForm) -> Comparison:
    """What the query of a valid form finds now, and with its changes, if it has any.

    Raises:
        Invalid: a change that cannot be, of which the form says where; or too long a query.
    """
    place, query = form.chosen_place(), form.cleaned_data["query"]
    key = query_key(read_terms(query))
    draft = form.draft(key)
    before = try_query(place, query)
    if not draft.synonyms and (draft.pinned, draft.hidden) == _stored(place, key):
        return Comparison(before, None, compare_quality(place, draft))
    after = try_query(place, query, draft)
    places = {hit.document_id: hit.place for hit in before.hits}
    hits = tuple(replace(hit, was=places.get(hit.document_id)) for hit in after.hits)
    return Comparison(before, replace(after, hits=hits), compare_quality(place, draft))


def _with_stored(given: dict[str, str]) -> dict[str, str]:
    """What was given; without changes, those results that are stored for the query."""
    choices = place_choices()
    known = [value for value, _label in choices]
    if known:
        given.setdefault("place", known[0])
    if not given.get("query"):
        given.pop("query", None)
    elif "pinned" not in given and given.get("place") in known:
        place = read_place(given["place"])
        try:
            stored = _stored(place, query_key(read_terms(given["query"])))
        except Invalid:
            stored = ((), ())
        given["pinned"], given["hidden"] = map(write_pages, stored)
    return given


def _stored(place: Place, key: str) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    """The results of a query by an editor's will: on top, and hidden."""
    rows = RuledResult.objects.filter(
        rule__site_id=place.site_id, rule__locale=place.locale, rule__query=key
    )
    found = list(rows.order_by("position").values_list("document_id", "is_hidden"))
    return (
        tuple(key for key, is_hidden in found if not is_hidden),
        tuple(key for key, is_hidden in found if is_hidden),
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(_t("There is no such page.")) from None


def _readable(explanation: Any) -> str:
    return orjson.dumps(explanation, option=orjson.OPT_INDENT_2).decode()
