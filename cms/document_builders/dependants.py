"""Images, tags and categories to documents. They are public only while something shows them."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID, uuid5

from taggit.models import Tag
from wagtail.images.models import SourceImageIOError

from cms.document_builders.context import Dependant, DocumentContext
from cms.models import Category
from delivery.interface import DocumentState, clean_text
from media.interface import CustomImage, ImageDescription, describe_image, describe_images

logger = logging.getLogger(__name__)


def build_dependants(dependants: Iterable[Dependant]) -> tuple[list[DocumentState], set[Dependant]]:
    """The documents of those that exist, and the dependants that these show in turn.

    Costs one query per kind, and the making of sizes for images that have none yet.
    """
    by_kind: dict[str, list[Dependant]] = {"image": [], "tag": [], "category": []}
    for dependant in sorted(set(dependants)):
        by_kind[dependant.kind].append(dependant)
    images = CustomImage.objects.in_bulk([d.pk for d in by_kind["image"]])
    described = _describe(images)
    tags = Tag.objects.in_bulk([d.pk for d in by_kind["tag"]])
    categories = Category.objects.select_related("locale").in_bulk(
        [d.pk for d in by_kind["category"]]
    )
    states = [
        _image(d, images[d.pk], described[d.pk]) for d in by_kind["image"] if d.pk in described
    ]
    states += [_tag(d, tags[d.pk]) for d in by_kind["tag"] if d.pk in tags]
    more: set[Dependant] = set()
    for dependant in by_kind["category"]:
        if dependant.pk in categories:
            state, context = _category(dependant, categories[dependant.pk])
            states.append(state)
            more |= context.dependants
    return states, more


def _seo(title: str, description: str = "", image: str | None = None) -> dict[str, object]:
    return {
        "title": title,
        "description": description,
        "social_title": title,
        "social_description": description,
        "image": image,
        "canonical_url": None,
        "noindex": True,
    }


def _state(
    dependant: Dependant,
    *,
    type_name: str,
    slug: str,
    title: str,
    head: dict[str, object],
    locale: str = "",
    translation_key: UUID | None = None,
    created_at: datetime | None = None,
    context: DocumentContext | None = None,
) -> DocumentState:
    return DocumentState(
        id=dependant.document_id,
        source=dependant.source,
        site_id=dependant.site_id,
        type=type_name,
        locale=locale,
        translation_key=translation_key or uuid5(dependant.document_id, "translations"),
        slug=slug,
        path="",
        title=title,
        published_at=created_at,
        updated_at=None,
        revision=None,
        head={"summary": head.pop("summary", ""), "seo": _seo(title), **head},
        content={},
        references=context.references() if context else (),
    )


def _describe(images: Mapping[int, CustomImage]) -> dict[int, ImageDescription]:
    """What each image is; one whose original cannot be read is left out, and said in the log.

    A broken file must not keep a text from being published: the text appears without it.
    """
    try:
        return dict(zip(images, describe_images(list(images.values())), strict=True))
    except SourceImageIOError:
        found = {}
        for pk, image in images.items():
            try:
                found[pk] = describe_image(image)
            except SourceImageIOError:
                logger.exception("The original of image %s cannot be read.", pk)
        return found


def _image(dependant: Dependant, image: CustomImage, described: ImageDescription) -> DocumentState:
    sources = [
        {"url": s.url, "width": s.width, "height": s.height, "type": s.type}
        for s in described.sources
    ]
    return _state(
        dependant,
        type_name="images",
        slug=f"image-{image.pk}",
        title=clean_text(described.title),
        created_at=image.created_at,
        head={
            "alt": clean_text(described.alt),
            "credit": clean_text(described.credit),
            "width": described.width,
            "height": described.height,
            "focal_point": None
            if described.focal_point is None
            else {"x": described.focal_point[0], "y": described.focal_point[1]},
            "src": described.src.url,
            "sources": sources,
            "srcset": ", ".join(f"{s['url']} {s['width']}w" for s in sources),
        },
    )


def _tag(dependant: Dependant, tag: Tag) -> DocumentState:
    name = clean_text(tag.name)
    return _state(dependant, type_name="tags", slug=tag.slug, title=name, head={"name": name})


def _category(dependant: Dependant, category: Category) -> tuple[DocumentState, DocumentContext]:
    context = DocumentContext(dependant.site_id)
    parents = [] if category.parent_id is None else [category.parent_id]
    ids = context.refer_dependants("parent", "category", parents)
    name = clean_text(category.name)
    state = _state(
        dependant,
        type_name="categories",
        slug=category.slug,
        title=name,
        locale=category.locale.language_code,
        translation_key=uuid5(category.translation_key, f"site:{dependant.site_id}"),
        context=context,
        head={
            "summary": clean_text(category.description),
            "name": name,
            "parent": ids[0] if ids else None,
        },
    )
    return state, context
