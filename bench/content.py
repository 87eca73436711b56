"""The content that the benchmarks measure on: made up, and the same for the same seed.

Each post has about 6 kB of body, three tags and an author; every third links to another post.
One tag is on nearly all posts, so that a list of it can be followed 200 pages deep.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

SEED: Final = 20_240_611
COMMON_TAG: Final = "journal"
TAGS: Final = (
    *("essays", "notes", "interviews", "reviews", "guides", "letters", "opinion", "practice"),
    *("archives", "type", "print", "paper", "colour", "grids", "captions", "figures"),
    *("accessibility", "performance", "caching", "search", "editing", "translation", "layout"),
    *("images", "video", "sound", "maps", "data", "history", "tools", "teaching", "workshops"),
)
_COMMON_SHARE: Final = 0.9
_LATEST: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
_PARAGRAPH_WORDS: Final = 95
_VOCABULARY: Final = (
    "margin proof galley compositor reader column measure leading serif paragraph sentence page "
    "letter archive catalogue index footnote caption plate engraving binding quire folio press "
    "editor author printer translator review draft revision approval publication issue volume "
    "narrow wide quiet plain careful early late common rare first second small large steady open "
    "sets reads cuts keeps turns carries follows names marks leaves finds holds brings shows lets "
    "the a of to in and with for from between under over after before while because where when"
)
_WORDS: Final = _VOCABULARY.split()


@dataclass(frozen=True, slots=True)
class Post:
    """A post before it is in the database; `author` is the number of a profile, from 0."""

    number: int
    title: str
    slug: str
    intro: str
    body: str
    tags: tuple[str, ...]
    author: int
    published_at: datetime


class Writer:
    """Writes made-up prose, the same for the same seed."""

    def __init__(self, seed: int = SEED) -> None:
        self.random = random.Random(seed)

    def words(self, count: int) -> str:
        """So many words, without a stop."""
        return " ".join(self.random.choices(_WORDS, k=count))

    def sentence(self, count: int) -> str:
        """A sentence of so many words."""
        return f"{self.words(count).capitalize()}."

    def title(self) -> str:
        """A few words with a capital."""
        return self.words(self.random.randint(4, 8)).capitalize()

    def paragraph(self, ending: str = "") -> str:
        """A paragraph of HTML, with some emphasis."""
        sentences = [
            self.sentence(self.random.randint(8, 19)) for _ in range(_PARAGRAPH_WORDS // 14)
        ]
        sentences[1] = f"<b>{sentences[1]}</b>"
        return f"<p>{' '.join(sentences)}{ending}</p>"

    def block(self, kind: str, value: Any) -> dict[str, Any]:
        """A block of a stream; its id is part of the made-up content."""
        digits = f"{self.random.getrandbits(128):032x}"
        marks = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return {"id": "-".join(marks), "type": kind, "value": value}

    def body(self, link_to: int | None = None) -> str:
        """A stream of about 6 kB as JSON; `link_to` is the key of a page that it links to."""
        link = "" if link_to is None else f' <a linktype="page" id="{link_to}">See before</a>'
        blocks = []
        for section in range(3):
            heading = {"text": self.title(), "level": "h2", "anchor": ""}
            ending = link if section == 0 else ""
            text = f"{self.paragraph(ending)}{self.paragraph()}"
            blocks += [self.block("heading", heading), self.block("rich_text", text)]
        quote = {"text": self.sentence(24), "attribution": self.title()}
        code = "\n".join(f"{self.words(1)} = {self.words(3)!r}" for _ in range(9))
        blocks.insert(2, self.block("quote", quote))
        blocks.append(
            self.block("code", {"language": "python", "code": code, "caption": self.title()})
        )
        return json.dumps(blocks)


def write_posts(count: int, *, authors: int, keys: range) -> Iterator[Post]:
    """The posts, newest first; `keys` are the primary keys that they will have."""
    writer = Writer()
    for number in range(count):
        chance = writer.random
        others = chance.sample(TAGS, 3)
        tags = (COMMON_TAG, *others[:2]) if chance.random() < _COMMON_SHARE else tuple(others)
        link = keys[chance.randrange(count)] if number % 3 == 0 else None
        yield Post(
            number=number,
            title=writer.title(),
            slug=f"{writer.words(4).replace(' ', '-')}-{number}",
            intro=f"{writer.sentence(14)} {writer.sentence(12)}",
            body=writer.body(link),
            tags=tags,
            author=chance.randrange(authors),
            published_at=_LATEST - timedelta(minutes=97 * number + chance.randrange(60)),
        )
