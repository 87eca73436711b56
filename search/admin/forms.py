"""The forms. They shape what people give; the package's own actions check it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.interface import Invalid
from search.actions.judge_results import GRADES
from search.admin import places
from search.query import MOST_CHARACTERS
from search.synonyms import SynonymText, read_line
from search.trying import Place
from search.tuning import Draft

_LINES = 4
_MOST_TEXT = 4000


def _lines(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=_MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": _LINES, "spellcheck": "false"}),
    )


class _Form(forms.Form):
    """Shows what an action refused beside the fields that it names."""

    def take(self, error: Invalid) -> None:
        """The issues of a refusal."""
        issues = [(item.pointer, item.detail) for item in error.issues]
        for pointer, detail in issues or [("", error.detail)]:
            name = {"locale": "place", "q": "query"}.get(pointer, pointer)
            name = pointer if pointer in self.fields else name
            self.add_error(name if name in self.fields else None, detail)


class SynonymForm(_Form):
    """Words that mean the same."""

    words = _lines(
        _("Words"),
        _("With commas between, or one a line. A word may be several that belong together."),
    )
    others = _lines(
        _("One way only"),
        _(
            "Leave it empty, and each of the words finds the others. Otherwise who searches for one "
            "of the words finds these too, and not the other way round."
        ),
    )
    locale = forms.ChoiceField(label=_("Language"))
    site = forms.TypedChoiceField(label=_("Website"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: Any = self.fields
        shown["locale"].choices = places.locale_choices()
        shown["site"].choices = places.site_choices()


class _PlacedForm(_Form):
    """About a website in a language."""

    place = forms.ChoiceField(label=_("Website and language"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: Any = self.fields
        shown["place"].choices = places.place_choices()

    def chosen_place(self) -> Place:
        """The place of a form that is valid."""
        return places.read_place(self.cleaned_data["place"])


class RuleForm(_PlacedForm):
    """Results that a query has by an editor's will."""

    query = forms.CharField(
        label=_("Query"),
        max_length=MOST_CHARACTERS,
        help_text=_("As visitors type it; capitals and marks at the ends of words do not count."),
    )
    pinned = _lines(
        _("On top"),
        _("Addresses of pages, one a line, in this order: /about/. Filters still hold."),
    )
    hidden = _lines(_("Not among the results"), _("Addresses of pages, one a line."))
    is_suggested = forms.BooleanField(
        label=_("May be suggested to others"),
        required=False,
        initial=True,
        help_text=_("Queries that many make are suggested while one types."),
    )

    def pages(self, name: str) -> list[Any]:
        """The documents that a field names.

        Raises:
            Invalid: one is not there.
        """
        return places.read_pages(name, self.cleaned_data[name], self.chosen_place())


class TryForm(_PlacedForm):
    """A query, and what might be changed."""

    field_order = ("query", "place", "synonyms", "pinned", "hidden")
    query = forms.CharField(label=_("Query"), max_length=MOST_CHARACTERS)
    synonyms = _lines(
        _("Synonyms to try"),
        _("A rule a line: car, automobile — or one way, k8s => kubernetes."),
    )
    pinned = _lines(_("On top"), _("Addresses of pages, one a line."))
    hidden = _lines(_("Not among the results"), _("Addresses of pages, one a line."))

    def rules(self) -> list[SynonymText]:
        """The synonyms to try.

        Raises:
            Invalid: a line says nothing that can be.
        """
        locale = self.chosen_place().locale
        lines = self.cleaned_data["synonyms"].splitlines()
        try:
            return [read_line(line, locale) for line in lines if line.strip()]
        except Invalid as error:
            self.add_error("synonyms", error.detail)
            raise

    def draft(self, key: str) -> Draft:
        """What might be changed, for the query with this key.

        Raises:
            Invalid: something that cannot be; the form says where.
        """
        try:
            results = {
                name: tuple(places.read_pages(name, self.cleaned_data[name], self.chosen_place()))
                for name in ("pinned", "hidden")
            }
        except Invalid as error:
            self.take(error)
            raise
        return Draft(synonyms=tuple(self.rules()), query=key, **results)


class GradesForm(forms.Form):
    """How well each result answers the query."""

    def __init__(self, *args: Any, ids: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in ids:
            self.fields[f"grade-{item}"] = forms.TypedChoiceField(
                choices=[("", _("Grade")), *((str(grade), str(grade)) for grade in GRADES)],
                coerce=int,
                empty_value=None,
                required=False,
            )
