"""What WordPress's own shortcodes become."""

import html
import random
from collections.abc import Callable, Mapping
from typing import Final

from cms.importing.content import Change
from cms.importing.sources.wordpress.body_builder import BodyBuilder
from cms.importing.sources.wordpress.catalogue import Attachment
from cms.importing.sources.wordpress.markup import (
    around,
    attribute,
    cut,
    first,
    inner_markup,
    parse,
    shows_something,
)
from cms.importing.sources.wordpress.media_urls import is_image, is_playable
from cms.importing.sources.wordpress.shortcodes import Shortcode, find_shortcodes, find_unknown

_SOUNDS: Final = ("src", "0", "mp3", "m4a", "ogg", "oga", "wav", "wma", "flac")
_FILMS: Final = ("src", "0", "mp4", "m4v", "webm", "ogv", "flv", "wmv", "mov")
_VIDEO_PAGES: Final = {
    "youtube": "https://www.youtube.com/watch?v=",
    "vimeo": "https://vimeo.com/",
    "dailymotion": "https://www.dailymotion.com/video/",
    "wpvideo": "https://videopress.com/v/",
    "videopress": "https://videopress.com/v/",
}
ENCLOSING: Final = frozenset(
    {"caption", "wp_caption", "embed", "audio", "video", "playlist", "gallery", *_VIDEO_PAGES}
)


def expand_shortcodes(builder: BodyBuilder, text: str) -> None:
    """Adds HTML with its shortcodes: known ones as blocks, unknown ones as the words they are."""
    if "[" not in text:
        builder.markup(text)
        return
    for name in find_unknown(text, known=HANDLERS):
        builder.note(
            Change.CHANGED,
            "shortcode-unknown",
            f"The shortcode [{name}] belongs to a plug-in; it stands in the text as it was written.",
        )
    found = find_shortcodes(text, names=HANDLERS, enclosing=ENCLOSING)
    if not found:
        builder.markup(text)
        return
    text, found = _unescape(text, found)
    pieces = cut(text, [(item.start, item.end) for item in found])
    _add(builder, pieces[0])
    for shortcode, piece in zip(found, pieces[1:], strict=True):
        HANDLERS[shortcode.name](builder, shortcode)
        _add(builder, piece)


def _add(builder: BodyBuilder, piece: str) -> None:
    # A paragraph that held only a shortcode is an empty one now.
    if shows_something(piece):
        builder.markup(piece)


def _unescape(text: str, found: list[Shortcode]) -> tuple[str, list[Shortcode]]:
    """`[[gallery]]` is how an author writes about `[gallery]`."""
    escaped = [item for item in found if item.is_escaped]
    if not escaped:
        return text, found
    for item in reversed(escaped):
        written = text[item.start + 1 : item.end - 1]
        # The entities keep the second search from finding them.
        literal = written.replace("[", "&#91;").replace("]", "&#93;")
        text = text[: item.start] + literal + text[item.end :]
    return text, find_shortcodes(text, names=HANDLERS, enclosing=ENCLOSING)


def _caption(builder: BodyBuilder, shortcode: Shortcode) -> None:
    tree = parse(shortcode.content)
    img = first(tree, "img")
    if img is None:
        builder.markup(f"<p>{shortcode.content}</p>")
        return
    caption = shortcode.get("caption")
    if not caption:
        # The words follow the picture; the link around the picture is no part of them.
        copy = parse(shortcode.content)
        picture = first(copy, "img")
        if picture is not None:
            (around(picture, "a") or picture).decompose()
        caption = inner_markup(copy)
    attachment_id = shortcode.get("id").removeprefix("attachment_")
    known = builder.catalogue.attachment_by_url(attribute(img, "src"))
    builder.figure(
        shortcode.content,
        attachment_id="" if known else attachment_id,
        caption=caption,
    )


def _gallery(builder: BodyBuilder, shortcode: Shortcode) -> None:
    images = _attached(builder, shortcode, is_image)
    if not images:
        builder.note(
            Change.MISSING, "gallery-empty", "A gallery whose pictures are not in the export."
        )
        return
    builder.gallery(
        [builder.image_value(item.url, alt=item.alt, caption=item.caption) for item in images]
    )


def _attached(
    builder: BodyBuilder, shortcode: Shortcode, fits: Callable[[str], bool]
) -> list[Attachment]:
    """The attachments that a gallery or playlist means, in its order."""
    ids = shortcode.get("ids") or shortcode.get("include")
    if ids:
        wanted = [part.strip() for part in ids.split(",") if part.strip()]
        found = [item for item in map(builder.catalogue.attachment, wanted) if item]
        if len(found) < len(wanted):
            builder.note(
                Change.MISSING,
                "gallery-image-missing",
                f"{len(wanted) - len(found)} of {len(wanted)} files of a gallery are not in the export.",
            )
    else:
        left_out = {part.strip() for part in shortcode.get("exclude").split(",")}
        attached = builder.catalogue.attachments_of(shortcode.get("id") or builder.post_id)
        found = [item for item in attached if fits(item.url) and item.id not in left_out]
    match shortcode.get("orderby").lower():
        case "rand":
            random.Random(builder.post_id).shuffle(found)  # noqa: S311 - an order, the same each time
            builder.note(
                Change.GUESSED, "gallery-order", "A gallery in random order now has one order."
            )
        case "title":
            found.sort(key=lambda item: item.title)
        case "id":
            found.sort(key=lambda item: int(item.id) if item.id.isdigit() else 0)
    if shortcode.get("order").lower() == "desc" and not shortcode.get("ids"):
        found.reverse()
    return found


def _player(names: tuple[str, ...]) -> Callable[[BodyBuilder, Shortcode], None]:
    def handle(builder: BodyBuilder, shortcode: Shortcode) -> None:
        addresses = [shortcode.get(name) for name in names]
        tree = parse(shortcode.content)
        addresses.append(attribute(first(tree, "source"), "src"))
        addresses.append(attribute(first(tree, "a"), "href"))
        url = next(filter(None, addresses), "")
        if not url:
            attached = builder.catalogue.attachments_of(builder.post_id)
            url = next((item.url for item in attached if is_playable(item.url)), "")
        _note_player(builder)
        builder.media_file(url)

    return handle


def _note_player(builder: BodyBuilder) -> None:
    builder.note(Change.CHANGED, "media-player", "A player became a file to download, or an embed.")


def _playlist(builder: BodyBuilder, shortcode: Shortcode) -> None:
    found = _attached(builder, shortcode, is_playable)
    _note_player(builder)
    for item in found:
        builder.attached_file(item)
    if not found:
        builder.note(
            Change.MISSING, "gallery-empty", "A playlist whose files are not in the export."
        )


def _embed(builder: BodyBuilder, shortcode: Shortcode) -> None:
    link = first(parse(shortcode.content), "a")
    builder.embed(attribute(link, "href") or shortcode.content or shortcode.get("src"))


def _video_page(builder: BodyBuilder, shortcode: Shortcode) -> None:
    said = shortcode.get("id") or shortcode.get("url") or shortcode.get("0") or shortcode.content
    said = html.unescape(said).strip().lstrip("=")
    is_url = said.startswith(("http://", "https://"))
    builder.embed(said if is_url else f"{_VIDEO_PAGES[shortcode.name]}{said}")


HANDLERS: Final[Mapping[str, Callable[[BodyBuilder, Shortcode], None]]] = {
    "caption": _caption,
    "wp_caption": _caption,
    "gallery": _gallery,
    "embed": _embed,
    "audio": _player(_SOUNDS),
    "video": _player(_FILMS),
    "playlist": _playlist,
    **dict.fromkeys(_VIDEO_PAGES, _video_page),
}
