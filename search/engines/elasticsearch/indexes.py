"""Which index is searched, which is being built, and which one was before: three aliases.

An alias leads to one index at most. Writes go to the index that is searched and to the one that
is being built, so that nothing is missing when they change places.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from elasticsearch import Elasticsearch

from search.engines.elasticsearch.connection import MANAGE_SECONDS, Connection, MissingIndex
from search.engines.elasticsearch.mapping import index_settings, mapping_mark, mappings

T = TypeVar("T")
_MARK: Final = "galley_mapping"


class Indexes:
    """The indexes of one installation, by the prefix of their names."""

    def __init__(self, connection: Connection, prefix: str) -> None:
        self._connection = connection
        self.live = f"{prefix}-search"
        self.building = f"{self.live}-building"
        self.previous = f"{self.live}-previous"

    def _ask(self, call: Callable[[Elasticsearch], T]) -> T:
        return self._connection.write(call, MANAGE_SECONDS)

    def behind(self, alias: str) -> str | None:
        """The name of the index that the alias leads to."""
        return self.names().get(alias)

    def names(self) -> dict[str, str]:
        """Alias → index, of those that there are."""
        aliases = {self.live, self.building, self.previous}
        try:
            # With the shorter limit, since each write asks it.
            found = self._connection.write(
                lambda client: client.indices.get_alias(
                    name=f"{self.live}*", ignore_unavailable=True
                )
            )
        except MissingIndex:
            return {}
        return {
            alias: index
            for index, entry in found.items()
            for alias in entry["aliases"]
            if alias in aliases
        }

    def written(self) -> list[str]:
        """The indexes that writes go to."""
        names = self.names()
        return sorted({names[alias] for alias in (self.live, self.building) if alias in names})

    def mark(self, index: str) -> str:
        """Of the mapping that the index was made with."""
        found = self._ask(lambda client: client.indices.get_mapping(index=index))
        meta: Mapping[str, Any] = found[index]["mappings"].get("_meta", {})
        return str(meta.get(_MARK, ""))

    def make(self, name: str) -> None:
        """An empty index with today's mapping, which no alias leads to."""
        form = mappings() | {"_meta": {_MARK: mapping_mark()}}
        self._ask(
            lambda client: client.indices.create(
                index=name, settings=index_settings(), mappings=form
            )
        )

    def write_also(self, index: str) -> None:
        """From now on writes go to this index too, and to no other that was being built."""
        names = self.names()
        actions = [_add(index, self.building)]
        if names.get(self.building, index) != index:
            actions.append(_remove(names[self.building], self.building))
        self._ask(lambda client: client.indices.update_aliases(actions=actions))

    def switch(self, new: str) -> None:
        """From now on `new` is searched, and what was is the previous one: at one instant."""
        names = self.names()
        actions: list[dict[str, Any]] = [_add(new, self.live)]
        actions += [
            _remove(names[alias], alias)
            for alias in (self.live, self.building, self.previous)
            if alias in names
        ]
        old = names.get(self.live)
        if old is not None:
            actions.append(_add(old, self.previous))
        self._ask(lambda client: client.indices.update_aliases(actions=actions))

    def drop_unused(self) -> list[str]:
        """Deletes indexes of ours that no alias leads to; gives their names."""
        pattern = f"{self.live}-*"
        found = self._ask(
            lambda client: client.indices.get_alias(index=pattern, ignore_unavailable=True)
        )
        unused = sorted(name for name, entry in found.items() if not entry["aliases"])
        for name in unused:
            self.delete(name)
        return unused

    def delete(self, index: str) -> None:
        """Deletes one index, with the aliases that lead to it."""
        self._ask(lambda client: client.indices.delete(index=index))

    def refresh(self, index: str) -> None:
        """Makes what was written searchable."""
        self._ask(lambda client: client.indices.refresh(index=index))

    def count(self, index: str) -> int:
        return int(self._ask(lambda client: client.count(index=index))["count"])


def _add(index: str, alias: str) -> dict[str, Any]:
    return {"add": {"index": index, "alias": alias}}


def _remove(index: str, alias: str) -> dict[str, Any]:
    return {"remove": {"index": index, "alias": alias}}
