"""A website full of things that nobody outside may see, each marked with a canary word."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from taggit.models import Tag
from wagtail.models import Page, PageViewRestriction

from cms.models import Banner, Category, NavigationMenu, ProfilePage, ServicePage, StandardPage
from core.interface import utc_now
from delivery.interface import document_id_for
from tests.factories.cms import Website, edit, make_file, make_image

CANARY = "xqcanary"


@dataclass
class Secrets:
    """What was hidden: the pages, and the addresses at which a stranger would look for them."""

    pages: list[Page] = field(default_factory=list)
    slugs: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    other_ids: set[str] = field(default_factory=set)

    @property
    def ids(self) -> set[str]:
        return {str(document_id_for("page", page.pk)) for page in self.pages} | self.other_ids


class CanaryWebsite:
    """Public content, and around it every state in which content is not public."""

    def __init__(self) -> None:
        self.website = Website()
        self.secrets = Secrets()
        self._count = 0
        self.public_image = make_image("Harbour", description="Boats")
        self.author = self.website.profile("Ada Lovelace", photo=self.public_image)
        self.post = self.website.post(
            "Hello", authors=[self.author], tags=["open"], cover_image=self.public_image
        )
        self.service = self.website.service("Editing")
        self.hide_drafts()
        self.hide_scheduled()
        self.hide_private()
        self.hide_unpublished()
        self.hide_other_site()
        self.hide_around_the_pages()

    def word(self, place: str) -> str:
        self._count += 1
        return f"{CANARY}-{place}-{self._count}"

    def fields(self, place: str) -> dict[str, Any]:
        """Every field of a post with a canary in it."""
        image = make_image(self.word(place), description=self.word(place), credit=self.word(place))
        self.secrets.other_ids.add(
            str(document_id_for("image", image.pk, site_id=self.website.site.pk))
        )
        body = [
            ("heading", {"text": self.word(place), "level": "h2", "anchor": self.word(place)}),
            ("rich_text", f"<p>{self.word(place)}</p>"),
            ("quote", {"text": self.word(place), "attribution": self.word(place)}),
            ("code", {"language": "python", "code": self.word(place), "caption": self.word(place)}),
            ("image", {"image": image, "alt": self.word(place), "caption": self.word(place)}),
            ("file", {"document": make_file(self.word(place)), "title": self.word(place)}),
            (
                "call_to_action",
                {
                    "title": self.word(place),
                    "text": self.word(place),
                    "label": self.word(place),
                    "page": self.post,
                    "url": "",
                },
            ),
        ]
        return {
            "title": self.word(place),
            "slug": self.word(place),
            "seo_title": self.word(place),
            "search_description": self.word(place),
            "social_title": self.word(place),
            "social_description": self.word(place),
            "canonical_url": f"https://example.org/{self.word(place)}",
            "intro": self.word(place),
            "cover_image": image,
            "social_image": image,
            "body": body,
        }

    def hidden_post(self, place: str, *, is_published: bool, **extra: Any) -> Page:
        tag = self.word(place)
        fields = self.fields(place) | extra
        page = self.website.post(tags=[tag], is_published=is_published, **fields)
        category = Category.objects.create(
            name=self.word(place), slug=self.word(place), locale=self.website.english
        )
        draft = page.get_latest_revision_as_object()
        draft.categories = [category]
        revision = draft.save_revision()
        if is_published:
            revision.publish()
        self.remember(page)
        for row in Tag.objects.filter(name=tag):
            key = document_id_for("tag", row.pk, site_id=self.website.site.pk)
            self.secrets.other_ids.add(str(key))
        return page

    def remember(self, page: Page) -> None:
        self.secrets.pages.append(page)
        self.secrets.slugs.add(page.slug)
        self.secrets.paths.add("/" + page.url_path.split("/", 2)[2])

    def hide_drafts(self) -> None:
        self.hidden_post("draft", is_published=False)
        live = self.post.get_latest_revision_as_object()
        for name, value in self.fields("newer").items():
            setattr(live, name, value)
        live.save_revision()
        person = self.author.get_latest_revision_as_object()
        person.title, person.role = self.word("newer"), self.word("newer")
        person.bio = f"<p>{self.word('newer')}</p>"
        person.save_revision()
        service = self.service.get_latest_revision_as_object()
        service.summary, service.price = self.word("newer"), Decimal("987654.32")
        service.save_revision()

    def hide_scheduled(self) -> None:
        soon = utc_now() + timedelta(hours=1)
        page = self.hidden_post("scheduled", is_published=False, go_live_at=soon)
        page.get_latest_revision().publish()
        live = self.post.get_latest_revision_as_object()
        live.title, live.go_live_at = self.word("scheduled"), soon
        live.save_revision().publish()

    def hide_private(self) -> None:
        page = self.hidden_post("private", is_published=True)
        PageViewRestriction.objects.create(page_id=page.pk, restriction_type="login")
        section = self.website.standard(self.word("section"), slug=self.word("section"))
        child = self.website.add(
            section, StandardPage(title=self.word("child"), slug=self.word("child"))
        )
        PageViewRestriction.objects.create(page_id=section.pk, restriction_type="login")
        later = self.website.add(
            section, StandardPage(title=self.word("later"), slug=self.word("later"))
        )
        for hidden in (section, child, later):
            self.remember(hidden)

    def hide_unpublished(self) -> None:
        self.hidden_post("unpublished", is_published=True).unpublish()
        expired = self.hidden_post("expired", is_published=True)
        expired.unpublish(set_expired=True)
        deleted = self.hidden_post("deleted", is_published=True)
        type(deleted).objects.get(pk=deleted.pk).delete()
        moved = self.hidden_post("renamed", is_published=True)
        edit(moved, slug=self.word("renamed"))
        moved.unpublish()

    def hide_other_site(self) -> None:
        other = Website("other.example.com", slug="other", is_default=False)
        mine, self.website = self.website, other
        fields = self.fields("othersite")
        page = other.post(tags=[self.word("othersite")], **fields)
        other.add(other.services, ServicePage(title=self.word("othersite"), price=1))
        other.add(other.people, ProfilePage(title=self.word("othersite")))
        NavigationMenu.objects.create(
            site=other.site,
            locale=other.english,
            name="main",
            items=[
                ("item", {"label": self.word("othersite"), "page": page, "url": "", "children": []})
            ],
        )
        self.website = mine
        self.remember(page)

    def hide_around_the_pages(self) -> None:
        website = self.website
        banner = Banner(site=website.site, locale=website.english, text=self.word("banner"))
        banner.live = False
        banner.save()
        banner.save_revision()
        make_image(self.word("unused"), description=self.word("unused"))
        make_file(self.word("unused"))
        Tag.objects.create(name=self.word("unused"))
        Category.objects.create(
            name=self.word("unused"), slug=self.word("unused"), locale=website.english
        )
        user = get_user_model().objects.create_user(
            f"{CANARY}@example.com", self.word("password"), name=self.word("user")
        )
        draft = self.author.get_latest_revision_as_object()
        draft.user = user
        draft.save_revision()
        type(self.author).objects.filter(pk=self.author.pk).update(user=user)
