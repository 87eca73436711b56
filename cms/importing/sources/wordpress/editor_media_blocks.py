"""What the block editor's pictures, players, files and embeds become."""

import html
from collections.abc import Callable, Mapping
from typing import Any, Final

from cms.importing.content import Change
from cms.importing.sources.wordpress.block_grammar import EditorBlock
from cms.importing.sources.wordpress.body_builder import BodyBuilder
from cms.importing.sources.wordpress.markup import (
    Element,
    around,
    attribute,
    element_words,
    first,
    inner_markup,
    parse,
)


def _number(value: Any) -> str:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def _image(builder: BodyBuilder, block: EditorBlock) -> None:
    if not builder.figure(block.markup(), attachment_id=_number(block.attributes.get("id"))):
        builder.note(Change.MISSING, "image-without-address", "A picture that names no file.")


def _gallery(builder: BodyBuilder, block: EditorBlock) -> None:
    images = [_gallery_image(builder, child) for child in block.children if child.name == "image"]
    if not images:
        tree = parse(block.markup())
        images = [_old_gallery_image(builder, img) for img in tree.css("img")]
    if not images:
        _gallery_by_ids(builder, block)
        return
    builder.gallery([image for image in images if image["image"]])
    caption = _own_caption(block)
    if caption:
        builder.markup(f"<p>{caption}</p>")
        builder.note(
            Change.CHANGED, "gallery-caption", "A gallery's caption is a paragraph below it."
        )


def _gallery_by_ids(builder: BodyBuilder, block: EditorBlock) -> None:
    ids = block.attributes.get("ids")
    found = (
        [builder.catalogue.attachment(_number(item)) for item in ids]
        if isinstance(ids, list)
        else []
    )
    images = [
        builder.image_value(item.url, alt=item.alt, caption=item.caption) for item in found if item
    ]
    builder.gallery(images)
    if not images:
        builder.note(
            Change.MISSING, "gallery-empty", "A gallery whose pictures are not in the export."
        )


def _gallery_image(builder: BodyBuilder, block: EditorBlock) -> Mapping[str, Any]:
    tree = parse(block.markup())
    img = first(tree, "img")
    known = builder.catalogue.attachment(_number(block.attributes.get("id")))
    return builder.image_value(
        known.url if known else attribute(img, "src"),
        alt=attribute(img, "alt"),
        caption=inner_markup(first(tree, "figcaption")),
    )


def _old_gallery_image(builder: BodyBuilder, img: Element) -> Mapping[str, Any]:
    known = builder.catalogue.attachment(attribute(img, "data-id"))
    caption = first(around(img, "figure"), "figcaption")
    if "blocks-gallery-caption" in attribute(caption, "class"):
        caption = None
    address = attribute(img, "data-full-url") or attribute(img, "src")
    return builder.image_value(
        known.url if known else address, alt=attribute(img, "alt"), caption=inner_markup(caption)
    )


def _own_caption(block: EditorBlock) -> str:
    """The caption of the gallery as a whole."""
    return inner_markup(first(parse(block.markup()), "figcaption.blocks-gallery-caption"))


def _player(builder: BodyBuilder, block: EditorBlock) -> None:
    tree = parse(block.markup())
    element = first(tree, "audio") or first(tree, "video")
    source = first(tree, "source")
    url = (
        attribute(element, "src")
        or attribute(source, "src")
        or str(block.attributes.get("src") or "")
    )
    builder.note(Change.CHANGED, "media-player", "A player became a file to download, or an embed.")
    builder.media_file(
        url,
        title=element_words(first(tree, "figcaption")),
        attachment_id=_number(block.attributes.get("id")),
    )


def _file(builder: BodyBuilder, block: EditorBlock) -> None:
    link = first(parse(block.markup()), "a")
    url = str(block.attributes.get("href") or "") or attribute(link, "href")
    known = builder.catalogue.attachment(_number(block.attributes.get("id")))
    known = known or builder.catalogue.attachment_by_url(url)
    title = element_words(link)
    if known is not None:
        builder.attached_file(known, title=title)
    elif url:
        shown = html.escape(title or url)
        builder.markup(f'<p><a href="{html.escape(url)}">{shown}</a></p>')
    else:
        builder.note(Change.MISSING, "media-without-address", "A file block that names no file.")


def _embed(builder: BodyBuilder, block: EditorBlock) -> None:
    tree = parse(block.markup())
    caption = inner_markup(first(tree, "figcaption"))
    url = str(block.attributes.get("url") or "")
    if not url:
        url = element_words(first(tree, "div.wp-block-embed__wrapper"))
    if not url:
        builder.note(Change.MISSING, "embed-without-address", "An embed that names no address.")
        return
    builder.embed(url, caption=caption)


MEDIA_HANDLERS: Final[Mapping[str, Callable[[BodyBuilder, EditorBlock], None]]] = {
    "image": _image,
    "gallery": _gallery,
    "audio": _player,
    "video": _player,
    "file": _file,
    "embed": _embed,
}
