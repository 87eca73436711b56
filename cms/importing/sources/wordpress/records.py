"""What an export file holds, as it stands there: texts, not yet understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(slots=True)
class Channel:
    """The website that was exported."""

    title: str = ""
    link: str = ""
    language: str = ""
    version: str = ""
    base_site_url: str = ""
    base_blog_url: str = ""


@dataclass(frozen=True, slots=True)
class RawAuthor:
    login: str
    email: str
    display_name: str
    line: int
    author_id: str = ""


@dataclass(frozen=True, slots=True)
class RawTerm:
    """A category, tag or term of another taxonomy. `parent` is a slug."""

    taxonomy: str
    term_id: str
    slug: str
    name: str
    parent: str
    description: str
    line: int


@dataclass(frozen=True, slots=True)
class RawComment:
    """A comment, without the address and the network address of who wrote it."""

    post_id: str
    comment_id: str
    parent: str
    author: str
    author_url: str
    date: str
    status: str
    kind: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class TermUse:
    """A term as an item names it."""

    taxonomy: str
    slug: str
    name: str


@dataclass(slots=True)
class RawItem:
    """An `<item>`: a post, page, attachment, menu entry or anything else of WordPress's."""

    line: int
    fields: Mapping[str, str]
    """By name with its usual prefix: `title`, `wp:post_id`, `content:encoded`."""
    terms: list[TermUse] = field(default_factory=list)
    meta: list[tuple[str, str]] = field(default_factory=list)
    comment_count: int = 0
    is_too_large: bool = False
    has_control_characters: bool = False

    def text(self, name: str) -> str:
        """The field without white space around it; empty where it is missing."""
        return self.fields.get(name, "").strip()

    @property
    def post_id(self) -> str:
        return self.text("wp:post_id")

    @property
    def kind(self) -> str:
        """WordPress's post type; an export too old to say so holds posts."""
        return self.text("wp:post_type") or "post"

    @property
    def login(self) -> str:
        """Who wrote it; some exports have a bracket too many there."""
        return self.text("dc:creator").strip("<>").strip()

    def meta_value(self, key: str) -> str:
        """The last value of a custom field, as WordPress itself takes it."""
        found = [value for name, value in self.meta if name == key]
        return found[-1].strip() if found else ""


Record: TypeAlias = RawAuthor | RawTerm | RawComment | RawItem
