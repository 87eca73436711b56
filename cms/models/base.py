"""What every page of a website is."""

from contextlib import nullcontext
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Locale, Page

from cms.fields import words_are_kept
from cms.indexing import index_saved_page, references_are_kept
from cms.page_form import PageForm
from cms.signals import alias_created, paths_changed


class AtomicPublishingMixin:
    """Publishing and unpublishing in one transaction with the documents and the ledger rows.

    A request has a transaction of its own; a command and a script have none.
    """

    @transaction.atomic
    def publish(self, *args: Any, **kwargs: Any) -> Any:
        """As Wagtail's."""
        return super().publish(*args, **kwargs)  # type: ignore[misc]

    @transaction.atomic
    def unpublish(self, *args: Any, **kwargs: Any) -> Any:
        """As Wagtail's."""
        return super().unpublish(*args, **kwargs)  # type: ignore[misc]


class BasePage(AtomicPublishingMixin, Page):
    """A page with what search engines and social networks are told, and its public address."""

    document_type: ClassVar[str]
    lead_fields: ClassVar[tuple[str, ...]] = ("intro",)
    """Which fields have the plain words below the title."""
    body_field: ClassVar[str] = "body"
    """Which field has the blocks that the proof shows."""
    lead_image_field: ClassVar[str] = ""
    """Which field has the image at the page's top, if one does."""
    base_form_class = PageForm
    search_auto_update: ClassVar[bool] = False  # `save` does it

    social_title = models.CharField(
        _("social title"), max_length=120, blank=True, help_text=_("The title if left blank.")
    )
    social_description = models.CharField(
        _("social description"),
        max_length=300,
        blank=True,
        help_text=_("The description if blank."),
    )
    social_image = models.ForeignKey(
        "media.CustomImage",
        verbose_name=_("social image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Shown when the page is shared; 1200 by 630 pixels suit most networks."),
    )
    canonical_url = models.URLField(
        _("canonical address"),
        blank=True,
        help_text=_("Only where this text first appeared elsewhere."),
    )
    noindex = models.BooleanField(
        _("hide from search engines"), default=False, help_text=_("The page stays public.")
    )

    promote_panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")],
            _("For search engines"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("social_title"),
                FieldPanel("social_description"),
                FieldPanel("social_image"),
            ],
            _("For social networks"),
        ),
        MultiFieldPanel([FieldPanel("canonical_url"), FieldPanel("noindex")], _("Address")),
    ]

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuses a slug at the top of a site that is a language's prefix."""
        super().clean()
        if self.depth not in (None, 3):
            return
        codes = {code.lower() for code in Locale.objects.values_list("language_code", flat=True)}
        if self.slug in codes:
            raise ValidationError({"slug": _("This slug is the prefix of a language.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Wagtail's; an alias that is born live becomes public, since no signal says so."""
        is_new = self._state.adding
        # A savepoint would cost two round trips and guard nothing: Wagtail's own save has one.
        is_inside = transaction.get_connection().in_atomic_block
        atomic = nullcontext() if is_inside else transaction.atomic()
        with atomic, words_are_kept(), references_are_kept():
            super().save(*args, **kwargs)
            index_saved_page(self, kwargs.get("update_fields"))
        if is_new and self.live and self.alias_of_id:
            alias_created.send(sender=type(self), instance=self)

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:  # noqa: ARG002
        """The proof that the editor shows beside the form; no public address leads to it."""
        return "cms/proof.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As Wagtail's; with what the page says of itself for the proof."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        leads = [getattr(self, name, "") for name in self.lead_fields]
        context["leads"] = [text for text in leads if text]
        context["body"] = getattr(self, self.body_field, None)
        context["lead_image"] = getattr(self, self.lead_image_field, None)
        return context

    def _update_descendant_url_paths(self, old_url_path: str, new_url_path: str) -> None:
        # Wagtail calls this where a slug changes, inside the transaction that saves the page.
        super()._update_descendant_url_paths(old_url_path, new_url_path)
        paths_changed.send(sender=type(self), instance=self)
