"""What a generator makes of a file: a post, a page or a section, and the address it had.

One function per generator, after its manual. An address stands here as the website had it: as a
path, with the slash at its end or `.html` where the generator put it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from anyascii import anyascii

from cms.importing.sources.markdown.document import Document
from cms.importing.sources.markdown.site import Flavour

_NAME_DATE: Final = re.compile(r"^\d{4}-\d\d-\d\d(?:T[\d:.-]+Z?)?[-_](?=.)")
_POST_NAME: Final = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})-(.+)$")
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
_JEKYLL_STYLES: Final = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
    "none": "/:categories/:title.html",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """`url` is the file's address; `others` were the same page's. `is_index` says that it stands
    for its folder; `is_post` that the generator counts it among the posts, dated or not.
    """

    url: str
    slug: str
    others: tuple[str, ...] = ()
    is_index: bool = False
    is_bundle: bool = False
    is_post: bool | None = None


def name_document(document: Document, date: datetime | None) -> Naming:
    """How the generator named the file; `date` is the one that it has."""
    return _RULES[document.site.flavour](document, date)


def slug_of(text: str) -> str:
    """Words as Zola writes them into an address: letters of the alphabet, digits and hyphens."""
    return _NO_WORD.sub("-", anyascii(text).lower()).strip("-")


def _zola(document: Document, _date: datetime | None) -> Naming:
    folder, name, is_bundle = _bundled(document)
    path = document.text("path")
    prefix = f"{document.language}/" if _has_language_suffix(document) else ""
    if document.stem == "_index":
        url = _joined(path or f"{prefix}{document.inner_folder}", end="/")
        return Naming(url, _last(url), is_index=True, others=_aliases(document, "aliases"))
    bare = _NAME_DATE.sub("", name)
    slug = document.text("slug") or slug_of(bare) or bare
    url = _joined(path or f"{prefix}{folder}/{slug}", end="/")
    kept = _joined(f"{prefix}{folder}/{bare}", end="/")
    others = _aliases(document, "aliases")
    if not path and not document.text("slug") and kept != url:
        others = (kept, *others)
    return Naming(url, _last(url), others, is_bundle=is_bundle)


def _hugo(document: Document, date: datetime | None) -> Naming:
    folder, name, is_bundle = _bundled(document)
    prefix = f"{document.language}/" if _has_language_suffix(document) else ""
    others = _aliases(document, "aliases")
    given = document.text("url")
    folder = _hugo_path(folder)
    if document.stem == "_index":
        url = _joined(given or f"{prefix}{_hugo_path(document.inner_folder)}", end="/")
        return Naming(url, _last(url), others, is_index=True)
    slug = document.text("slug") or _hugo_path(_NAME_DATE.sub("", name) if date else name)
    pattern = _hugo_pattern(document, folder)
    if given:
        url = _joined(given, end="" if given.endswith(".html") else "/")
    elif pattern:
        url = _joined(prefix + _filled(pattern, document, date, slug=slug, name=name), end="/")
    else:
        url = _joined(f"{prefix}{folder}/{document.text('slug') or _hugo_path(name)}", end="/")
    if document.site.setting("uglyURLs") is True and not given:
        url = url.rstrip("/") + ".html"
    is_post = False if not folder and not is_bundle else None
    return Naming(url, slug, others, is_bundle=is_bundle, is_post=is_post)


def _hugo_pattern(document: Document, folder: str) -> str:
    patterns = document.site.setting("permalinks", {})
    if isinstance(patterns, dict) and isinstance(patterns.get("page"), dict):
        patterns = patterns["page"]
    section = document.inner.split("/")[0] if "/" in document.inner else ""
    found = patterns.get(section) or patterns.get("/") if isinstance(patterns, dict) else ""
    if not isinstance(found, str):
        return ""
    return found.replace(":sections", folder).replace(":section", section)


def _hugo_path(text: str) -> str:
    return re.sub(r"[^\w./-]+", "-", text.lower().replace(" ", "-")).strip("-")


def _jekyll(document: Document, date: datetime | None) -> Naming:
    others = _aliases(document, "redirect_from")
    folder, stem = document.inner_folder, document.stem
    given = document.text("permalink")
    is_draft = folder == "_drafts" or folder.startswith("_drafts/")
    found = _POST_NAME.match(stem)
    if found or is_draft or "_posts" in folder.split("/"):
        slug = document.text("slug") or (found.group(4) if found else stem)
        style = given or str(document.site.setting("permalink") or "date")
        pattern = _JEKYLL_STYLES.get(style, style)
        url = _joined(_filled(pattern, document, date, slug=slug, name=stem), end="")
        return Naming(url, slug, (*others, *_twins(url)), is_post=True)
    if given and given not in _JEKYLL_STYLES:
        url = _joined(given, end="")
        is_index = stem == "index"
        return Naming(url, _last(url), (*others, *_twins(url)), is_index=is_index, is_post=False)
    folder = folder.removeprefix("_")
    if stem in {"index", "README"}:
        url = _joined(folder, end="/")
        return Naming(url, _last(url), others, is_index=True, is_post=False)
    is_pretty = document.site.setting("permalink") == "pretty" or given == "pretty"
    url = _joined(f"{folder}/{stem}{'/' if is_pretty else '.html'}", end="")
    return Naming(url, stem, (*others, *_twins(url)), is_post=False)


def _plain(document: Document, _date: datetime | None) -> Naming:
    others = _aliases(document, "aliases") + _aliases(document, "redirect_from")
    given = document.text("permalink", "url", "path")
    folder, stem = document.inner_folder, document.stem
    if stem.lower() in {"index", "readme", "_index"}:
        url = _joined(given or folder, end="/")
        return Naming(url, _last(url), others, is_index=True)
    bare = _NAME_DATE.sub("", stem)
    url = _joined(given or f"{folder}/{stem}", end="/")
    twins = () if given else (f"{url.rstrip('/')}.html", f"{url.rstrip('/')}.md")
    return Naming(url, document.text("slug") or bare, (*others, *twins))


_RULES: Final[Mapping[Flavour, Callable[[Document, datetime | None], Naming]]] = {
    Flavour.ZOLA: _zola,
    Flavour.HUGO: _hugo,
    Flavour.JEKYLL: _jekyll,
    Flavour.PLAIN: _plain,
}


def jekyll_categories(document: Document) -> list[str]:
    """The categories that a post has by the folders above `_posts`."""
    before, mark, _ = f"/{document.inner_folder}/".partition("/_posts/")
    return [part for part in before.split("/") if part] if mark else []


def jekyll_words(value: Any) -> list[str]:
    """As `words_of`; a line without commas is parted at its spaces."""
    return value.split() if isinstance(value, str) and "," not in value else words_of(value)


def _filled(
    pattern: str, document: Document, date: datetime | None, *, slug: str, name: str
) -> str:
    """A pattern of addresses with what it asks for put in."""
    categories = [*jekyll_categories(document), *jekyll_words(document.field("categories"))]
    categories += words_of(document.field("category"))
    values: dict[str, str] = {
        "categories": "/".join(slug_of(item) for item in dict.fromkeys(categories)),
        "title": slug,
        "slug": slug,
        "slugorfilename": slug,
        "slugorcontentbasename": slug,
        "filename": name,
        "contentbasename": name,
        "name": name,
        "path": document.inner.rpartition(".")[0],
        "collection": document.inner.split("/")[0].removeprefix("_"),
        "output_ext": ".html",
    }
    if date is not None:
        values |= {
            "year": f"{date:%Y}",
            "month": f"{date:%m}",
            "day": f"{date:%d}",
            "i_month": str(date.month),
            "i_day": str(date.day),
            "short_year": f"{date:%y}",
            "monthname": f"{date:%B}".lower(),
            "y_day": f"{date:%j}",
            "yearday": str(int(f"{date:%j}")),
            "week": f"{date:%V}",
            "short_day": f"{date:%a}",
            "hour": f"{date:%H}",
            "minute": f"{date:%M}",
            "second": f"{date:%S}",
        }
    return re.sub(r":([a-z_]+)", lambda match: values.get(match.group(1), ""), pattern)


def words_of(value: Any) -> list[str]:
    """A list of a head as words: a real list, or one written in a line with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list):
        return [str(part).strip() for part in value if not isinstance(part, dict | list) and part]
    return []


def _aliases(document: Document, name: str) -> tuple[str, ...]:
    value = document.field(name)
    found = [value] if isinstance(value, str) else words_of(value)
    # Hugo reads an alias without a slash at its front from the file's own folder; Zola from the root.
    base = _bundled(document)[0] if document.site.flavour is Flavour.HUGO else ""
    paths = (f"{base}/{alias}" if alias[0] != "/" else alias for alias in found if alias)
    return tuple(path if "://" in path else _joined(path, end="") for path in paths)


def _twins(url: str) -> tuple[str, ...]:
    """A file `x.html` was also to be had as `x`, on the servers that such sites live on."""
    return (url.removesuffix(".html"),) if url.endswith(".html") else ()


def _bundled(document: Document) -> tuple[str, str, bool]:
    """The folder and the name that count, and whether the file stands for the folder it is in."""
    folder, stem = document.inner_folder, document.stem
    if stem == "index" and folder:
        above, _, name = folder.rpartition("/")
        return above, name, True
    return folder, stem, False


def _has_language_suffix(document: Document) -> bool:
    default = document.site.setting("default_language") or document.site.setting(
        "defaultContentLanguage"
    )
    named = document.path.rpartition("/")[2].rpartition(".")[0]
    return named != document.stem and document.language != str(default or "").lower()


def _joined(path: str, *, end: str) -> str:
    """A path from the root, with each slash once."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        return "/"
    ending = end or ("/" if path.endswith("/") else "")
    return "/" + "/".join(parts) + ending


def _last(url: str) -> str:
    return url.strip("/").rpartition("/")[2].removesuffix(".html")
