"""The adapter: an export file as a source of items."""

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from cms.importing.content import Skipped, SourceBroken, SourceItem
from cms.importing.sources.wordpress.catalogue import Catalogue
from cms.importing.sources.wordpress.comments import skipped_comment, write_comments
from cms.importing.sources.wordpress.item_reader import ItemReader
from cms.importing.sources.wordpress.menus import MenuReader
from cms.importing.sources.wordpress.records import Channel, RawItem
from cms.importing.sources.wordpress.wxr import WxrReader


class WordPressSource:
    """An export of WordPress (WXR 1.0 to 1.2).

    Its beginning is read at once, the whole file once to know what it holds, and once more for
    each call of `items`. A file that cannot be read says so there. Close it when it is done with:
    that deletes what the first reading noted on disk.
    """

    name = "wordpress"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._catalogue: Catalogue | None = None
        self.channel = read_channel(path)
        self.base_url = (self.channel.base_blog_url or self.channel.link).rstrip("/")
        self.hosts = self._own_hosts()
        parts = urlsplit(self.base_url)
        host = (parts.hostname or "").removeprefix("www.")
        self.identity = f"{host}{parts.path}" if host else path.name

    def close(self) -> None:
        """Deletes what was noted on disk."""
        if self._catalogue is not None:
            self._catalogue.close()
        self._catalogue = None

    def catalogue(self) -> Catalogue:
        """What the whole file holds; read by the first call.

        Raises:
            SourceBroken: the file is no export, is cut off, damaged or dangerous.
        """
        if self._catalogue is None:
            catalogue = Catalogue()
            try:
                for record in WxrReader(self._path).records():
                    catalogue.note(record)
            except BaseException:
                catalogue.close()
                raise
            self._catalogue = catalogue
        return self._catalogue

    def size(self) -> int | None:
        """How many there will be.

        Raises:
            SourceBroken: as `catalogue`.
        """
        catalogue = self.catalogue()
        terms = sum(1 for _term in catalogue.terms("category"))
        counts = catalogue.count("author") + catalogue.count("comment") - catalogue.count("entry")
        menus = len(catalogue.menus()) + len(catalogue.entries(""))
        return (
            catalogue.item_count() + terms + counts + menus + len(catalogue.other_taxonomies()) + 1
        )

    def comment_count(self) -> int:
        """How many comments there are, pingbacks and trackbacks included."""
        return self.catalogue().count("comment")

    def write_comments(self, file: TextIO) -> None:
        """Writes all comments as JSON, one at a time."""
        write_comments(file, self.catalogue(), identity=self.identity)

    def items(self) -> Iterator[SourceItem | Skipped]:
        """Everything in the file, what is no content with the reason.

        Raises:
            SourceBroken: the file is no export, is cut off, damaged or dangerous.
        """
        catalogue = self.catalogue()
        reader = ItemReader(catalogue, self.base_url, self.hosts)
        yield from map(reader.author, catalogue.authors())
        yield from map(reader.category, catalogue.terms("category"))
        yield reader.blog()
        for record in WxrReader(self._path).records():
            if isinstance(record, RawItem) and record.kind != "nav_menu_item":
                yield reader.item(record)
        yield from MenuReader(catalogue, self.base_url).read()
        yield from map(skipped_comment, catalogue.comments())
        for taxonomy, count in catalogue.other_taxonomies():
            yield Skipped(
                key=f"taxonomy:{taxonomy}",
                kind="taxonomy",
                where=f"taxonomy {taxonomy}",
                title=taxonomy,
                reason=f"A taxonomy of a plug-in or theme, with {count} terms, for which there is no place.",
            )

    def _own_hosts(self) -> frozenset[str]:
        urls = (self.base_url, self.channel.link)
        hosts = {(urlsplit(url).hostname or "").lower() for url in urls} - {""}
        bare = {host.removeprefix("www.") for host in hosts}
        return frozenset(bare | {f"www.{host}" for host in bare})


def read_channel(path: Path) -> Channel:
    """What stands before the first item; as much of it as can be read."""
    reader = WxrReader(path)
    records = reader.records()
    try:
        next(records, None)
    except SourceBroken:
        pass
    finally:
        records.close()
    return reader.channel
