"""A mirror of a website: what a client that follows the sync has."""

import json
from typing import Any

from tests.api.conftest import Reader
from tests.factories.documents import Library, days

START = "/content/sync?initial=true"


class Mirror:
    """Documents by id, as the last answers gave them; and the token to go on with."""

    def __init__(self, reader: Reader, *, start: str = START, limit: int | None = None) -> None:
        self.reader = reader
        self.documents: dict[str, Any] = {}
        self.token: str | None = None
        self.has_more = True
        self.pages = 0
        self._start = start
        self._limit = "" if limit is None else f"&limit={limit}"

    def step(self) -> Any:
        """Asks for one page and applies it; gives its JSON."""
        address = self._start if self.token is None else f"/content/sync?sync_token={self.token}"
        page = self.reader.json(address + self._limit)
        for document in page["data"]:
            self.documents[document["id"]] = document
        for gone in page["deleted"]:
            self.documents.pop(gone["id"], None)
        self.token, self.has_more = page["next_sync_token"], page["has_more"]
        self.pages += 1
        return page

    def catch_up(self) -> "Mirror":
        """Asks on until there is no more."""
        self.step()
        while self.has_more:
            self.step()
        return self

    def saved(self) -> str:
        """What a mirror writes to its disk."""
        return json.dumps([self.token, self.has_more, self.documents])

    def restore(self, saved: str) -> None:
        """Goes on from what was written to the disk."""
        self.token, self.has_more, self.documents = json.loads(saved)

    def titles(self) -> dict[str, str]:
        """The titles by slug."""
        return {item["slug"]: item["title"] for item in self.documents.values()}


def everything(reader: Reader, *, locales: tuple[str, ...] = ("en", "fr")) -> dict[str, Any]:
    """Each document by id, as the lists and `/content/site` show it now."""
    found: dict[str, Any] = {}
    for locale in locales:
        address = f"/content?locale={locale}&limit=100&sort=title"
        page = reader.json(address)
        found |= {item["id"]: item for item in page["data"]}
        while page["page"]["next"]:
            page = reader.json(f"{address}&after={page['page']['next']}")
            found |= {item["id"]: item for item in page["data"]}
        site = reader.get(f"/content/site?locale={locale}")
        if site.status_code == 200 and site.json()["data"]["locale"] == locale:
            found[site.json()["data"]["id"]] = site.json()["data"]
    return found


def fill(library: Library) -> None:
    """Publishes some of each kind."""
    image, tag = library.image(1), library.tag(1)
    author = library.profile(1, photo=image)
    for number in range(5):
        library.post(number, authors=[author], tags=[tag], date=days(number))
    library.post("fr", locale="fr")
    library.add("site", "en", "site", locale="en", path="", slug="site", title="Us")
    library.save()
