"""The form behind every page's editor."""

from typing import Any

from django.http import QueryDict
from wagtail.admin.forms import WagtailAdminPageForm


class PageForm(WagtailAdminPageForm):
    """Wagtail's, and a form that comes back untouched counts as unchanged.

    Otherwise each press of “Approve” saves a revision by the reviewer, who from then on is the
    one that changed the text last, and may not approve it.
    """

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(None if data is None else with_plain_line_ends(data), *args, **kwargs)
        for field in self.fields.values():
            # Where a default is computed, Django compares with a hidden field beside the one that
            # is seen. Wagtail's panels show none, so the comparison would always fail.
            field.show_hidden_initial = False


def with_plain_line_ends(data: QueryDict) -> QueryDict:
    """Line ends as they are stored: browsers send each as two characters."""
    plain = data.copy()
    for name, values in data.lists():
        plain.setlist(name, [_with_plain_line_ends(value) for value in values])
    return plain


def _with_plain_line_ends(value: Any) -> Any:
    # The management API hands in whatever stood in its JSON.
    return value.replace("\r\n", "\n") if isinstance(value, str) else value
