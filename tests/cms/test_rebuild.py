"""After any history of edits, the documents are those that a rebuild makes from nothing."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from wagtail.models import PageViewRestriction

from cms import edits, publishing, rebuilding
from cms.models import BlogPostPage, ProfilePage, RebuildRun, SiteSettings
from delivery.models import Document, DocumentReference, DocumentValue
from media.interface import CustomImage
from outbox.models import LedgerEvent
from tests.cms.editorial_actions import RandomEditor
from tests.factories.cms import Website, make_image

pytestmark = pytest.mark.django_db

ACTIONS_PER_RUN = 200


def snapshot() -> dict[str, Any]:
    """Everything that the public could read, without the count of versions."""
    references = DocumentReference.objects.order_by("source_id", "field", "position")
    values = DocumentValue.objects.order_by("document_id", "field", "text", "number", "time")
    return {
        "documents": {
            row["id"]: row
            for row in Document.objects.values(
                *[f.attname for f in Document._meta.concrete_fields if f.name != "version"]
            )
        },
        "references": list(references.values_list("source_id", "field", "position", "target_id")),
        "values": list(values.values_list("document_id", "field", "text", "number", "time")),
    }


def difference(found: dict[str, Any], expected: dict[str, Any]) -> str:
    """The documents that differ, for the message of a failure."""
    mine, theirs = found["documents"], expected["documents"]
    lines = [f"only incremental: {mine[k]}" for k in mine.keys() - theirs.keys()]
    lines += [f"only rebuilt: {theirs[k]}" for k in theirs.keys() - mine.keys()]
    lines += [
        f"{name}: {mine[k][name]!r} != {theirs[k][name]!r} in {mine[k]['source']}"
        for k in mine.keys() & theirs.keys()
        for name in mine[k]
        if mine[k][name] != theirs[k][name]
    ]
    return "\n".join(lines) or "references or values differ"


def run_edits(seed: int, count: int = ACTIONS_PER_RUN) -> RandomEditor:
    editor = RandomEditor(Website(), seed, edits_sites=True)
    for _ in range(count):
        editor.act()
    return editor


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_incremental_documents_equal_a_rebuild(seed):
    editor = run_edits(seed)
    incremental = snapshot()
    assert rebuilding.find_gaps() == rebuilding.Gaps((), (), (), 0), editor.log
    Document.objects.all().delete()
    rebuilding.rebuild_documents(restart=True)
    rebuilt = snapshot()
    assert incremental == rebuilt, f"seed {seed}\n{difference(incremental, rebuilt)}"


def restrict_the_blog(website: Website) -> None:
    PageViewRestriction.objects.create(page_id=website.blog.pk, restriction_type="login")


def delete_the_author(website: Website) -> None:
    ProfilePage.objects.get().delete()


def unpublish_the_post(website: Website) -> None:
    BlogPostPage.objects.get().unpublish()


def rename_the_image(website: Website) -> None:
    image = CustomImage.objects.get()
    image.title = "Another name"
    image.save()


def rename_the_site(website: Website) -> None:
    SiteSettings.objects.create(site=website.site, brand_name="Another name")


@pytest.mark.parametrize(
    ("module", "name", "act"),
    [
        (edits, "sync_subtree", restrict_the_blog),
        (edits, "sync_page_sources", delete_the_author),
        (publishing, "remove_orphans", unpublish_the_post),
        (edits, "withdraw_page", unpublish_the_post),
        (edits, "sync_dependants", rename_the_image),
        (edits, "sync_sites", rename_the_site),
    ],
    ids=lambda item: getattr(item, "__name__", item),
)
def test_the_comparison_fails_when_one_step_is_left_out(module, name, act, monkeypatch):
    website = Website()
    website.post("Hello", authors=[website.profile()], tags=["x"], cover_image=make_image())
    with monkeypatch.context() as patch:
        patch.setattr(module, name, lambda *args, **kwargs: 0)
        act(website)
    incremental = snapshot()
    Document.objects.all().delete()
    rebuilding.rebuild_documents(restart=True)
    assert incremental != snapshot()


def test_a_rebuild_of_what_is_right_changes_nothing(django_assert_max_num_queries):
    website = Website()
    website.post("Hello", tags=["x"], authors=[website.profile()])
    events = LedgerEvent.objects.count()
    assert rebuilding.rebuild_documents(restart=True) == 0
    assert LedgerEvent.objects.count() == events


def test_an_interrupted_rebuild_goes_on_where_it_was(monkeypatch):
    website = Website()
    for n in range(5):
        website.post(f"Post {n}")
    monkeypatch.setattr(rebuilding, "BATCH_SIZE", 2)
    seen: list[int] = []
    original = publishing.sync_pages

    def stop_at_third(pages: Any) -> int:
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(len(pages))
        return original(pages)

    Document.objects.all().delete()
    monkeypatch.setattr(rebuilding, "sync_pages", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        rebuilding.rebuild_documents(restart=True)
    assert RebuildRun.objects.get().position != ""
    monkeypatch.setattr(rebuilding, "sync_pages", original)
    steps: list[int] = []
    rebuilding.rebuild_documents(progress=steps.append)
    assert steps[0] == 4
    assert Document.objects.filter(type="blog-posts").count() == 5


def test_the_command_reports_what_differed():
    website = Website()
    website.post("Hello")
    Document.objects.filter(type="blog-posts").delete()
    output = StringIO()
    call_command("rebuild_documents", "--restart", stdout=output)
    assert output.getvalue() == "Rebuilt; 1 documents differed.\n"
