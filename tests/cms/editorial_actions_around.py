"""Random edits around the pages: websites, host names, redirects, collections, shared things."""

from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from taggit.models import Tag
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection, CollectionViewRestriction, Locale, Page, Site

from cms.models import (
    BlogPostAuthor,
    BlogPostPage,
    Category,
    ProfilePage,
    ServicePage,
    ServiceRelatedPost,
    SiteSettings,
    StandardPage,
)
from core.interface import utc_now
from delivery.thinning import thin_history
from media.interface import CustomImage
from outbox.models import LedgerEvent
from tests.factories.cms import edit

if TYPE_CHECKING:
    from tests.cms.editorial_actions import RandomEditor

HOSTNAMES = ("localhost", "second.example.com", "unknown.example.com", "third.example.com")


def change_hostname(editor: "RandomEditor") -> None:
    site = editor.pick(Site.objects.order_by("pk"))
    site.hostname = editor.random.choice(HOSTNAMES)
    site.port = editor.random.choice([80, 80, 8080])
    site.full_clean()
    site.save()


def change_default_site(editor: "RandomEditor") -> None:
    site = editor.pick(Site.objects.filter(is_default_site=False).order_by("pk"))
    if site is None:
        return
    for other in Site.objects.filter(is_default_site=True):
        other.is_default_site = False
        other.save()
    site.is_default_site = True
    site.save()


def add_or_remove_site(editor: "RandomEditor") -> None:
    """A third website has its top page within one of the others."""
    hostname = "third.example.com"
    # Other edits go on with the editor's own website, which may have come to have that name.
    others = Site.objects.exclude(root_page__depth=2).exclude(pk=editor.website.site.pk)
    if others.filter(hostname=hostname).delete()[0]:
        return
    root = editor.pick(StandardPage.objects.filter(live=True).order_by("pk"))
    if root is not None:
        site = Site(hostname=hostname, root_page=Page.objects.get(pk=root.pk), site_name="Third")
        site.full_clean()
        site.save()


def change_default_language(editor: "RandomEditor") -> None:
    locale = editor.pick([editor.website.english, editor.website.french, None])
    SiteSettings.objects.update_or_create(
        site=editor.website.site, defaults={"default_locale": locale}
    )


def add_or_remove_language(editor: "RandomEditor") -> None:
    if not Locale.objects.filter(language_code="de").delete()[0]:
        Locale.objects.create(language_code="de")


def restrict_collection(editor: "RandomEditor") -> None:
    restriction = CollectionViewRestriction.objects.first()
    if restriction is not None:
        restriction.delete()
    else:
        collection = Collection.get_first_root_node()
        CollectionViewRestriction.objects.create(
            collection=collection, restriction_type=CollectionViewRestriction.LOGIN
        )


def redirect_by_hand(editor: "RandomEditor") -> None:
    paths = [f"/{editor.word()}", "/blog", "/?p=1", "/people", "/old", "/old"]
    redirect = editor.pick([*Redirect.objects.order_by("pk"), None]) or Redirect()
    redirect.old_path = Redirect.normalise_path(editor.random.choice(paths))
    redirect.site = editor.pick([editor.website.site, None])
    redirect.redirect_page = page = editor.pick([editor.page(), None])
    redirect.redirect_link = "" if page else f"https://example.com/{editor.word()}"
    redirect.is_permanent = editor.random.random() < 0.5
    redirect.full_clean()
    redirect.save()


def remove_redirect(editor: "RandomEditor") -> None:
    redirect = editor.pick(Redirect.objects.order_by("pk"))
    if redirect is not None:
        redirect.delete()


def change_tag(editor: "RandomEditor") -> None:
    tag = editor.pick(Tag.objects.order_by("pk"))
    if tag is None:
        return
    if editor.random.random() < 0.5:
        tag.delete()
        return
    tag.slug = editor.random.choice(["a", "b", "c", editor.word()])
    tag.full_clean()
    tag.save()


def change_category(editor: "RandomEditor") -> None:
    category = editor.pick(Category.objects.order_by("pk"))
    if category is not None:
        category.slug = editor.word()
        category.parent = editor.pick([*Category.objects.order_by("pk"), None])
        category.full_clean()
        category.save()


def change_what_a_post_names(editor: "RandomEditor") -> None:
    post = editor.page(BlogPostPage, live=True)
    if post is None:
        return
    authors = [item for item in [editor.page(ProfilePage)] if item is not None]
    post.tags.set(editor.random.sample(["a", "b", "c"], 2))
    edit(
        post,
        tags=editor.random.sample(["a", "b", "c"], 2),
        post_authors=[BlogPostAuthor(profile=author) for author in authors],
        cover_image=editor.pick([*CustomImage.objects.order_by("pk"), None]),
        noindex=editor.random.random() < 0.3,
    )


def relate_a_post(editor: "RandomEditor") -> None:
    service, post = editor.page(ServicePage), editor.page(BlogPostPage)
    if service is not None and post is not None:
        edit(service, service_related_posts=[ServiceRelatedPost(post=post)])


def take_a_used_slug(editor: "RandomEditor") -> None:
    """Two pages in different places have one slug: the older is found by it."""
    parent = editor.page(StandardPage) or editor.website.home
    slug = editor.random.choice(["team", "jobs"])
    if not parent.get_children().filter(slug=slug).exists():
        editor.website.add(parent, StandardPage(title=editor.word(), slug=slug))


def expire(editor: "RandomEditor") -> None:
    page: Any = editor.page(live=True)
    if page is not None:
        type(page).objects.filter(pk=page.pk).update(expire_at=utc_now())
        call_command("publish_scheduled")


def turn_image(editor: "RandomEditor") -> None:
    image = editor.pick(CustomImage.objects.order_by("pk"))
    if image is not None:
        image.focal_point_x, image.focal_point_y = editor.random.randrange(1, 300), 100
        image.focal_point_width = image.focal_point_height = 20
        image.title = editor.word()
        image.save()


def thin_the_past(editor: "RandomEditor") -> None:
    """History comes to begin at one of the first things that it tells of."""
    events = LedgerEvent.objects.order_by("sequence").values_list("occurred_at", flat=True)
    if editor.random.random() < 0.3:
        thin_history(editor.random.choice(events[: max(1, len(events) // 2)]))


AROUND = (
    *(change_hostname, change_default_site, add_or_remove_site, change_default_language),
    *(add_or_remove_language, restrict_collection, redirect_by_hand, redirect_by_hand),
    *(remove_redirect, change_tag, change_category, change_what_a_post_names, relate_a_post),
    *(take_a_used_slug, take_a_used_slug, expire, turn_image, thin_the_past),
)
