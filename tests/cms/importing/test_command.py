"""What every import command shares: its arguments, its last words, its way out."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cms.importing.command import ImportCommand
from cms.importing.run import _alone
from cms.models import BlogPostPage, ImportRun, ImportSource
from tests.cms.importing.shelf import Shelf, bring_in, image, item, post
from tests.factories.cms import Website

pytestmark = pytest.mark.django_db


class ShelfCommand(ImportCommand):
    """A command whose source lies in memory."""

    source = Shelf()

    def make_source(self, **_options: Any) -> Shelf:
        return self.source


def run(source: Shelf, *arguments: str) -> str:
    command = ShelfCommand()
    command.source = source
    output = StringIO()
    call_command(command, "--no-fetch", *arguments, stdout=output)
    return output.getvalue()


def refusal(source: Shelf, *arguments: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(source, *arguments)
    return caught.value


def test_it_tells_what_came_of_it_and_where_the_report_is(tmp_path):
    Website()
    output = run(Shelf([post("one"), item("profile", "ada")]), "--report-dir", str(tmp_path))
    assert output.splitlines() == [
        "Imported: 2 imported, 0 updated, 0 unchanged, 0 skipped, 0 failed.",
        "  post         1 imported",
        "  profile      1 imported",
        f"Report: {tmp_path / 'report.html'}",
    ]
    assert (tmp_path / "report.html").exists()


def test_a_missing_file_leads_to_fetch_media(tmp_path):
    Website()
    output = run(Shelf([image("cat", tmp_path / "none.png")]), "--report-dir", str(tmp_path))
    assert "manage.py fetch_media" in output


def test_a_rehearsal_says_so(tmp_path):
    Website()
    output = run(Shelf([post("one")]), "--dry-run", "--report-dir", str(tmp_path))
    assert output.startswith("Rehearsed; nothing was written: 1 imported")
    assert not ImportRun.objects.exists()


def test_content_goes_below_the_page_that_is_named(tmp_path):
    website = Website()
    about = website.standard("About")
    things = Shelf([post("one"), item("page", "two")])
    run(things, "--parent", "/about/", "--report-dir", str(tmp_path))
    page = BlogPostPage.objects.get()
    assert page.get_parent().get_parent().specific == about
    about.refresh_from_db()
    assert [child.slug for child in about.get_children()] == ["two", "blog"]


def test_an_author_may_be_a_profile_that_is_here(tmp_path):
    website = Website()
    ada = website.profile("Ada Lovelace")
    things = Shelf([item("profile", "al", title="al"), post("one", authors=("al",))])
    run(things, "--author-map", "al=ada-lovelace", "--report-dir", str(tmp_path))
    assert [author.profile for author in BlogPostPage.objects.get().post_authors.all()] == [ada]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--site", "nowhere.example"], "There are: localhost:80"),
        (["--parent", "/nothing/"], "has no page at /nothing/"),
        (["--media-dir", "/nothing/at/all"], "is not a folder"),
        (["--author-map", "nonsense"], "write NAME=PROFILE"),
        (["--author-map", "a=nobody-here"], "no profile"),
        (["--author-map", "@/nothing"], "cannot be read"),
    ],
)
def test_a_wrong_argument_ends_with_2_and_says_what_is_wrong(tmp_path, arguments, words):
    Website()
    error = refusal(Shelf([post("one")]), *arguments, "--report-dir", str(tmp_path))
    assert words in str(error)
    assert error.returncode == 2
    assert not ImportSource.objects.exists()


def test_a_broken_source_ends_with_1(tmp_path):
    Website()
    error = refusal(Shelf([post("one")], broken_after=0), "--report-dir", str(tmp_path))
    assert str(error).startswith("Nothing was imported: thing 0: the shelf ends here")
    assert error.returncode == 1


def test_a_second_import_of_the_same_at_once_is_refused(tmp_path):
    website = Website()
    source = Shelf([post("one")])
    with _alone(source, website.site):
        error = refusal(source, "--report-dir", str(tmp_path))
        run(Shelf([post("two")], identity="another"), "--report-dir", str(tmp_path))
    assert str(error) == ("An import of the same source is under way. Try again when it is done.")
    assert bring_in(source, tmp_path).counts == {"post": {"imported": 1}}


def test_without_a_terminal_it_shows_no_bar(tmp_path, capfd):
    Website()
    run(Shelf([post("one")]), "--report-dir", str(tmp_path))
    assert "%" not in capfd.readouterr().err
