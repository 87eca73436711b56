"""The past is answered as the present was: after random edits, each answer comes back by byte.

`GALLEY_TIME_TRAVEL_EDITS` and `GALLEY_TIME_TRAVEL_SEEDS` make the run longer; CI has a short one.
"""

import logging
import os

import pytest
from django.db import transaction
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.contrib.redirects.models import Redirect as EditedRedirect

from cms.models import BlogPostPage, ServicePage
from delivery.reading import past
from media.interface import CustomImage
from tests.cms.editorial_actions import RandomEditor
from tests.cms.time_travel import LISTS, TimeTraveller
from tests.factories.cms import Website, edit, make_image

EDITS = int(os.environ.get("GALLEY_TIME_TRAVEL_EDITS", "30"))
SEEDS = os.environ.get("GALLEY_TIME_TRAVEL_SEEDS", "1").split(",")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Half of the answers are that there is nothing: a line each would cost more than they do."""
    caplog.set_level(logging.ERROR, "django.request")


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_each_answer_of_the_past_comes_back_by_the_byte(seed: str) -> None:
    editor, traveller = RandomEditor(Website(), int(seed)), TimeTraveller()
    traveller.look()
    for _ in range(EDITS):
        editor.act()
        traveller.look()

    differences = traveller.differences()
    assert len(traveller.kept) > EDITS * len(LISTS)
    assert differences == [], f"seed {seed}: {editor.log}\n" + "\n".join(differences[:3])


def change_everything(website: Website) -> None:
    """Edits after which each relation holds something else than before."""
    post = BlogPostPage.objects.get()
    edit(post, slug="moved", title="Another title")
    post.refresh_from_db()
    fresh = post.get_latest_revision_as_object()
    fresh.tags.set(["b"])
    fresh.save_revision().publish()
    edit(ServicePage.objects.get(), price=99)
    action = CopyPageForTranslationAction(website.home, website.french)
    action.execute(skip_permission_checks=True).save_revision().publish()
    CustomImage.objects.get().delete()
    rule = EditedRedirect.objects.get(old_path="/old")
    rule.redirect_link = "https://example.com/two/"
    with transaction.atomic():
        rule.save()


def travel() -> TimeTraveller:
    """A website before, between and after edits, as its readers saw it."""
    website, traveller = Website(), TimeTraveller()
    website.post("Hello", tags=["a"], cover_image=make_image())
    website.service(price=480)
    rule = EditedRedirect(
        old_path="/old", site=website.site, redirect_link="https://example.com/one/"
    )
    with transaction.atomic():
        rule.save()
    traveller.look()
    change_everything(website)
    traveller.look()
    website.post("Another", tags=["a", "b"])
    traveller.look()
    return traveller


def test_the_comparison_fails_where_the_past_is_read_from_the_present(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    traveller = travel()

    assert traveller.differences() == []
    for table in past._HISTORY.copy():
        with monkeypatch.context() as patch:
            patch.delitem(past._HISTORY, table)
            assert traveller.differences() != [], table


@pytest.mark.parametrize(
    "writer",
    [
        "delivery.saving.note_references",
        "delivery.saving.note_values",
        "delivery.saving.note_removed",
        "delivery.redirects.note_redirects",
        "delivery.redirects.note_redirects_removed",
        "delivery.sites.note_sites",
        "delivery.history._close",
    ],
)
def test_the_comparison_fails_where_history_is_not_written(
    writer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(writer, lambda *_args: None)
        traveller = travel()

    assert traveller.differences() != []
