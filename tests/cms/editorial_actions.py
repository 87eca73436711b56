"""Random edits, each through the call that Wagtail's admin makes for it."""

import random
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from taggit.models import Tag
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.actions.move_page import MovePageAction
from wagtail.models import Page, PageViewRestriction

from cms.models import (
    Banner,
    BlogPostPage,
    Category,
    NavigationMenu,
    ProfilePage,
    ServicePage,
    SiteSettings,
    StandardPage,
)
from media.interface import CustomDocument, CustomImage
from tests.cms.editorial_actions_around import AROUND
from tests.factories.cms import Website, edit, make_file, make_image

EDITABLE = (BlogPostPage, StandardPage, ProfilePage, ServicePage)


class RandomEditor:
    """Does one random thing after another to a website; the same seed does the same things."""

    def __init__(self, website: Website, seed: int, *, edits_sites: bool = False) -> None:
        """`edits_sites`: also host names, websites, redirects, and what else lies around pages."""
        self.actions = (*ACTIONS, *AROUND) if edits_sites else ACTIONS
        self.website = website
        self.random = random.Random(seed)
        self.count = 0
        self.log: list[str] = []

    def act(self) -> str:
        """Does one thing; gives its name. What the admin's form would refuse is refused here too."""
        self.count += 1
        action = self.random.choice(self.actions)
        self.log.append(f"{self.count} {action.__name__}")
        try:
            with transaction.atomic():
                action(self)
        except ValidationError as error:
            self.log.append(f"refused: {error}")
        return action.__name__

    def word(self) -> str:
        return f"{self.random.choice(['red', 'blue', 'fine', 'old'])}-{self.count}"

    def pick(self, rows: Any) -> Any:
        items = list(rows)
        return self.random.choice(items) if items else None

    def page(self, *models: type[Page], **conditions: Any) -> Any:
        found = [
            page
            for model in models or EDITABLE
            for page in model.objects.filter(alias_of=None, **conditions).order_by("pk")
        ]
        return self.pick(found)

    def body(self) -> list[tuple[str, Any]]:
        page, image = self.page(live=True), self.pick(CustomImage.objects.order_by("pk"))
        file = self.pick(CustomDocument.objects.order_by("pk"))
        blocks: list[tuple[str, Any]] = [
            ("heading", {"text": self.word(), "level": "h2", "anchor": ""})
        ]
        if page is not None:
            blocks.append(("rich_text", f'<p><a linktype="page" id="{page.pk}">there</a></p>'))
            blocks.append(
                (
                    "call_to_action",
                    {"title": "Go", "text": "", "label": "Go", "page": page, "url": ""},
                )
            )
        if image is not None:
            blocks.append(("image", {"image": image, "alt": self.word(), "caption": ""}))
            blocks.append(("rich_text", f'<embed embedtype="image" id="{image.pk}" alt="a"/>'))
        if file is not None:
            blocks.append(("file", {"document": file, "title": ""}))
        return blocks


def add_post(editor: RandomEditor) -> None:
    authors = [a for a in [editor.page(ProfilePage)] if a is not None]
    page = editor.website.post(
        editor.word(),
        authors=authors,
        tags=[editor.random.choice(["a", "b", "c"])],
        cover_image=editor.pick(CustomImage.objects.order_by("pk")),
        body=editor.body(),
        is_published=editor.random.random() < 0.8,
    )
    category = editor.pick(Category.objects.order_by("pk"))
    if category is not None and page.live:
        edit(page, categories=[category])


def add_standard_page(editor: RandomEditor) -> None:
    parent = editor.page(StandardPage) or editor.website.home
    editor.website.add(parent, StandardPage(title=editor.word(), body=editor.body()))


def add_profile(editor: RandomEditor) -> None:
    editor.website.profile(editor.word(), photo=editor.pick(CustomImage.objects.order_by("pk")))


def add_service(editor: RandomEditor) -> None:
    editor.website.service(editor.word(), price=editor.random.randrange(1, 999))


def edit_page(editor: RandomEditor) -> None:
    page = editor.page()
    if page is not None:
        edit(page, title=editor.word())


def save_draft(editor: RandomEditor) -> None:
    page = editor.page()
    if page is not None:
        page.title = f"draft {editor.word()}"
        page.save_revision()


def change_slug(editor: RandomEditor) -> None:
    page = editor.pick([editor.website.blog, editor.website.people, editor.page()])
    if page is not None:
        edit(page, slug=editor.word())


def unpublish(editor: RandomEditor) -> None:
    page = editor.page(live=True)
    if page is not None:
        page.unpublish()


def publish_again(editor: RandomEditor) -> None:
    page = editor.page(live=False)
    if page is not None:
        page.get_latest_revision().publish()


def publish_old_revision(editor: RandomEditor) -> None:
    page = editor.page()
    if page is not None:
        editor.pick(page.revisions.order_by("pk")).publish()


def move(editor: RandomEditor) -> None:
    page = editor.page(StandardPage)
    target = editor.pick([editor.website.home, *StandardPage.objects.filter(alias_of=None)])
    if page is None or target.path.startswith(page.path):
        return
    if target.get_children().filter(slug=page.slug).exists():
        return
    MovePageAction(page, target, pos="last-child").execute(skip_permission_checks=True)


def restrict(editor: RandomEditor) -> None:
    page = editor.pick([editor.website.blog, editor.website.people, editor.page()])
    if page is not None:
        PageViewRestriction.objects.create(
            page_id=page.pk, restriction_type=PageViewRestriction.LOGIN
        )


def lift_restriction(editor: RandomEditor) -> None:
    restriction = editor.pick(PageViewRestriction.objects.order_by("pk"))
    if restriction is not None:
        restriction.delete()


def delete_page(editor: RandomEditor) -> None:
    page = editor.page()
    if page is not None and editor.random.random() < 0.3:
        page.delete()


def make_alias(editor: RandomEditor) -> None:
    page = editor.page(BlogPostPage, StandardPage)
    if page is not None:
        CreatePageAliasAction(page, update_slug=editor.word()).execute(skip_permission_checks=True)


def copy(editor: RandomEditor) -> None:
    page = editor.page(BlogPostPage, StandardPage)
    if page is not None:
        slug = {"slug": editor.word()}
        page.copy(update_attrs=slug, keep_live=editor.random.random() < 0.5)


def translate(editor: RandomEditor) -> None:
    french, page = editor.website.french, editor.page(StandardPage, locale=editor.website.english)
    if page is None or page.get_translation_or_none(french) is not None:
        return
    action = CopyPageForTranslationAction(page, french, copy_parents=True)
    translated = action.execute(skip_permission_checks=True)
    translated.save_revision().publish()


def add_image(editor: RandomEditor) -> None:
    make_image(editor.word(), width=340)


def edit_image(editor: RandomEditor) -> None:
    image = editor.pick(CustomImage.objects.order_by("pk"))
    if image is not None:
        image.description = editor.word()
        image.save()


def delete_image(editor: RandomEditor) -> None:
    image = editor.pick(CustomImage.objects.order_by("pk"))
    if image is not None and editor.random.random() < 0.5:
        image.delete()


def add_or_rename_file(editor: RandomEditor) -> None:
    file = editor.pick([*CustomDocument.objects.order_by("pk"), None])
    if file is None:
        make_file(editor.word())
    elif editor.random.random() < 0.7:
        file.title = editor.word()
        file.save()
    else:
        file.delete()


def rename_tag(editor: RandomEditor) -> None:
    tag = editor.pick(Tag.objects.order_by("pk"))
    if tag is not None:
        tag.name = editor.word()
        tag.save()


def edit_category(editor: RandomEditor) -> None:
    category = editor.pick([*Category.objects.order_by("pk"), None])
    if category is None:
        parent = editor.pick([*Category.objects.order_by("pk"), None])
        word = editor.word()
        Category.objects.create(name=word, slug=word, locale=editor.website.english, parent=parent)
    elif editor.random.random() < 0.8:
        category.name = editor.word()
        category.save()
    else:
        category.delete()


def edit_menu(editor: RandomEditor) -> None:
    page = editor.page()
    items = [("item", {"label": editor.word(), "page": page, "url": "", "children": []})]
    NavigationMenu.objects.update_or_create(
        site=editor.website.site,
        locale=editor.website.english,
        name="main",
        defaults={"items": items},
    )


def edit_banner(editor: RandomEditor) -> None:
    banner = editor.pick([*Banner.objects.order_by("pk"), None])
    if banner is None:
        banner = Banner(site=editor.website.site, locale=editor.website.english, text=editor.word())
        banner.live = False
        banner.save()
        banner.save_revision().publish()
    elif banner.live:
        banner.unpublish()
    else:
        banner.delete()


def edit_settings(editor: RandomEditor) -> None:
    SiteSettings.objects.update_or_create(
        site=editor.website.site,
        defaults={
            "brand_name": editor.word(),
            "logo": editor.pick([*CustomImage.objects.order_by("pk"), None]),
        },
    )


def change_top_page(editor: RandomEditor) -> None:
    site = editor.website.site
    site.refresh_from_db()
    other = editor.pick(StandardPage.objects.filter(live=True, depth=3).order_by("pk"))
    if other is None or site.root_page_id != editor.website.home.pk:
        other = editor.website.home
    site.root_page = Page.objects.get(pk=other.pk)
    site.save()


def publish_on_schedule(editor: RandomEditor) -> None:
    page = editor.page()
    if page is None:
        return
    revision = page.get_latest_revision()
    page.revisions.filter(pk=revision.pk).update(approved_go_live_at=revision.created_at)
    type(page).objects.filter(pk=page.pk, live=True).update(expire_at=None)
    call_command("publish_scheduled")


ACTIONS: tuple[Callable[[RandomEditor], None], ...] = (
    *(add_post, add_post, add_post, add_standard_page, add_standard_page, add_profile, add_service),
    *(edit_page, edit_page, save_draft, change_slug, unpublish, publish_again),
    *(publish_old_revision, move, move, restrict, *[lift_restriction] * 3, *[add_post] * 3),
    *(delete_page, make_alias, copy, translate, add_image, edit_image, delete_image),
    *(add_or_rename_file, rename_tag, edit_category, edit_category, edit_menu, edit_banner),
    *(edit_settings, change_top_page, change_top_page, publish_on_schedule),
)
