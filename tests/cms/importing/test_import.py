"""What an import makes of a source, as an editor and a visitor see it."""

import pytest

from cms.models import BlogPostPage
from tests.cms.documents import document
from tests.cms.importing.shelf import HOST, bring_in, codes, day, item, post, report, text
from tests.factories.cms import Website

pytestmark = pytest.mark.django_db


def test_a_post_is_live_with_its_date_and_text(tmp_path):
    Website()
    run = bring_in([post("first", 5, updated_at=day(6), tags=("red", "blue"))], tmp_path)
    page = BlogPostPage.objects.get(slug="first")
    assert run.status == "finished"
    assert run.counts == {"post": {"imported": 1}}
    assert (page.title, page.live, page.date.isoformat()) == ("First", True, "2020-01-05")
    assert (page.first_published_at, page.last_published_at) == (day(5), day(6))
    found = document(page)
    assert found is not None
    assert found.path == "/blog/first/"
    assert codes(tmp_path, "first") == []
    assert report(tmp_path)["items"]["first"]["new_path"] == "/blog/first/"


def test_links_lead_to_pages_whichever_came_first(tmp_path):
    Website()
    early = post("early", 1, body=text('<p><a href="/late/#there">later</a></p>'))
    late = post("late", 2, body=text(f'<p><a href="https://www.{HOST}/early">before</a></p>'))
    bring_in([early, late], tmp_path)
    first, second = BlogPostPage.objects.order_by("date")
    assert f'linktype="page" id="{second.pk}" fragment="there"' in str(first.body[0].value.source)
    assert f'linktype="page" id="{first.pk}"' in str(second.body[0].value.source)
    assert first.revisions.count() == 1
    assert codes(tmp_path, "early") == []


def test_a_second_run_writes_nothing(tmp_path):
    Website()
    things = [post("one", 1, body=text('<p><a href="/two/">2</a></p>')), post("two", 2)]
    things.append(item("page", "about", addresses=(f"https://{HOST}/about",)))
    bring_in(things, tmp_path / "1")
    run = bring_in(things, tmp_path / "2")
    assert run.counts == {"page": {"unchanged": 1}, "post": {"unchanged": 2}}
