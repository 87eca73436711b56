"""Where a page's last publication has got to: in its history, and at the side of its editor.

It is told to all who may see the page's history, without addresses and errors; those who may see
Operations get a link there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.history import PageHistoryView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.models import Page

from delivery.interface import document_id_for
from outbox.interface import ProgressState, Publication, StepProgress, publication_progress

_HEADINGS: Final[Mapping[str, str | Promise]] = {
    "content.published": gettext_lazy("Published"),
    "content.updated": gettext_lazy("Published again"),
    "content.moved": gettext_lazy("Moved"),
    "content.unpublished": gettext_lazy("Taken down"),
    "content.deleted": gettext_lazy("Taken down"),
}
_WITHDRAWN: Final = {"content.unpublished", "content.deleted"}
_WORDS: Final[Mapping[ProgressState, str | Promise]] = {
    ProgressState.DONE: gettext_lazy("done"),
    ProgressState.UNDER_WAY: gettext_lazy("under way"),
    ProgressState.RETRYING: gettext_lazy("failed so far, tried again by itself"),
    ProgressState.FAILED: gettext_lazy("failed; the people who run the site see why"),
    ProgressState.DISCARDED: gettext_lazy("will not be done"),
}
_ICONS: Final[Mapping[ProgressState, str]] = {
    ProgressState.DONE: "check",
    ProgressState.UNDER_WAY: "time",
    ProgressState.RETRYING: "rotate",
    ProgressState.FAILED: "warning",
    ProgressState.DISCARDED: "cross",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that follows, in words."""

    label: str
    words: str
    icon: str
    state: str


@dataclass(frozen=True, slots=True)
class PageProgress:
    """What the page shows of its last publication."""

    heading: str
    at: datetime
    lines: tuple[Line, ...]
    event_url: str


def progress_of(page: Page, user: AbstractBaseUser | AnonymousUser) -> PageProgress | None:
    """None for a page that was never public.

    Costs what `publication_progress` does, however long the history is.
    """
    subject = str(document_id_for("page", page.pk))
    publication = publication_progress(subject, types=_HEADINGS)
    if publication is None:
        return None
    may_look = user.has_perm("outbox.view_operations")  # type: ignore[union-attr]
    url = reverse("operations_event", args=[publication.sequence]) if may_look else ""
    return PageProgress(
        str(_HEADINGS[publication.type]), publication.occurred_at, _lines(publication), url
    )


def _lines(publication: Publication) -> tuple[Line, ...]:
    is_gone = publication.type in _WITHDRAWN
    label = _("Gone for all readers") if is_gone else _("Live for all readers")
    done = ProgressState.DONE
    first = Line(label, str(_WORDS[done]), _ICONS[done], done.value)
    return (first, *(_line(step) for step in publication.steps))


def _line(step: StepProgress) -> Line:
    words = str(_WORDS[step.state])
    if step.total is not None:
        counted = _("%(done)d of %(total)d") % {"done": step.done or 0, "total": step.total}
        words = counted if step.state is ProgressState.DONE else f"{counted}, {words}"
    return Line(step.label, words, _ICONS[step.state], step.state.value)


class HistoryView(PageHistoryView):
    """Wagtail's history of a page, with its last publication above it."""

    template_name = "cms/admin/page_history.html"

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Wagtail's, and the progress; nothing of it where only results are asked for."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if not self.results_only:
            context["progress"] = progress_of(self.object, self.request.user)
        return context


class PublicationSidePanel(BaseSidePanel):
    """The last publication, at the editor's side."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        """The button that unfolds it."""

        aria_label = gettext_lazy("Toggle the last publication")
        icon_name = "globe"
        has_counter = False

    name = "publication"
    title = gettext_lazy("Last publication")
    template_name = "cms/admin/page_progress_panel.html"
    order = 150

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """What became of it so far."""
        context: dict[str, Any] = super().get_context_data(parent_context)
        return context | {"progress": progress_of(self.object, self.request.user)}


class EditorView(EditView):
    """Wagtail's editor with our panel among those at its side."""

    def get_side_panels(self) -> MediaContainer:
        """Wagtail's, and ours; an answer to the editor's script has only what changes by typing.

        The form of a new page has no such panel, and so no place for one when it is first saved.
        """
        panels = super().get_side_panels()
        if not self.expects_json_response and not self.hydrate_create_view:
            panels.append(PublicationSidePanel(self.page, self.request))
        return panels


class OurPagesViewSet(PageViewSet):
    """The views of all pages: Wagtail's, but for two."""

    model = Page
    history_view_class = HistoryView
    edit_view_class = EditorView


def our_pages() -> OurPagesViewSet:
    """For Wagtail's registry of views by page type."""
    return OurPagesViewSet()
