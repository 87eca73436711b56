"""A cache in front of the site that knows nothing but what answers and purges say."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.test import Client

from delivery.interface import Document, Redirect

_BASE = "/api/v1/content"
_CARDS = "fields=title,author(name),tags(title),cover_image(alt)"


@dataclass(frozen=True)
class Seen:
    """All of an answer that a reader could tell from another."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]
    tags: frozenset[str]
    is_kept: bool


def ask(client: Client, url: str) -> Seen:
    """The answer of the API as it is now."""
    response = client.get(url)
    shown = ("Content-Language", "Link", "ETag", "Content-Type")
    control = response.headers.get("Cache-Control", "")
    tags = frozenset(response.headers.get("Surrogate-Key", "").split())
    lives = re.search(r"(?:s-maxage|max-age)=[1-9]", control)
    return Seen(
        response.status_code,
        response.content,
        tuple((name, response.headers[name]) for name in shown if name in response.headers),
        tags,
        response.status_code == 200 and "public" in control and lives is not None,
    )


@dataclass
class ModelCdn:
    """Keeps what may be kept until a purge names one of its tags; no time passes here.

    `is_deaf` tells which tags of a purge it does not hear, to show what each kind is for.
    """

    name: str = "all tags"
    is_deaf: Callable[[str], bool] = lambda _tag: False
    kept: dict[str, Seen] = field(default_factory=dict)
    purged: int = 0
    in_vain: int = 0

    def keep(self, url: str, seen: Seen) -> None:
        if seen.is_kept:
            self.kept[url] = seen

    def purge(self, tags: Iterable[str], fresh: Callable[[str], Seen]) -> None:
        """Forgets what has one of the tags; counts what was the same all the while."""
        heard = {tag for tag in tags if not self.is_deaf(tag)}
        for url in [url for url, seen in self.kept.items() if seen.tags & heard]:
            self.purged += 1
            self.in_vain += fresh(url) == self.kept.pop(url)

    def faults(self, fresh: Callable[[str], Seen]) -> list[str]:
        """The addresses whose kept answer is no longer true."""
        return [url for url, seen in self.kept.items() if fresh(url) != seen]


def lists_and_settings() -> list[str]:
    """Addresses that are there whatever is published."""
    types = ("blog-posts", "pages", "profiles", "services", "tags", "categories", "images")
    found = [f"{_BASE}/{name}" for name in types]
    found += [f"{_BASE}/{name}?limit=2&fields=title&sort=title" for name in types]
    found += [
        f"{_BASE}?limit=50&fields=title",
        f"{_BASE}?type=tags,categories&fields=title&count=true",
        f"{_BASE}/site",
        f"{_BASE}/site?locale=fr,en",
        f"{_BASE}/sitemap",
        f"{_BASE}/sitemap?limit=3",
        f"{_BASE}/blog-posts?{_CARDS}&include=author.photo,categories",
        f"{_BASE}/blog-posts?limit=3&locale=fr,en",
        f"{_BASE}/pages?locale=fr,en&fields=title,path",
        f"{_BASE}/blog-posts?filter[title][ne]=nothing&count=true&fields=title",
        "/api/v1/services?sort=price&fields=title,price",
    ]
    # Tags of the random editor, there or not.
    found += [f"{_BASE}/blog-posts?filter[tags]={slug}&fields=title" for slug in "abc"]
    return found


def documents() -> list[str]:
    """Addresses of everything that is public now, each in several forms."""
    found = []
    for row in Document.objects.exclude(type="site").values("id", "type", "slug", "path"):
        one = f"{_BASE}/{row['type']}"
        found += [f"{one}/{row['id']}", f"{one}/{row['slug']}", f"{one}/{row['slug']}?locale=fr,en"]
        if row["path"]:
            found.append(f"{_BASE}/resolve?path={row['path']}")
    found += [
        f"{_BASE}/resolve?path={path}/" for path in Redirect.objects.values_list("path", flat=True)
    ]
    return found


def deaf_to(kinds: Mapping[str, str]) -> list[ModelCdn]:
    """A cache for each kind of tag, by its first letters, that does not hear it."""

    def cdn(name: str, start: str) -> ModelCdn:
        return ModelCdn(name, lambda tag: tag.startswith(start))

    return [cdn(name, start) for name, start in kinds.items()]
