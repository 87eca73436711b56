"""The sync: everything once, then what changed, for whoever keeps a copy of the documents.

The first reading goes through the present documents page by page, while others edit. Its token
remembers where the ledger stood when it began; when it is through, the changes since then are
replayed. A page always shows documents as they are when it is read, which may be later than the
changes that it is about: the later change is told again in its turn, which does no harm. So a
mirror that has been told all there is equals what the API shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from delivery.document_types import Kind, all_types, get_type
from delivery.reading.answers import Answer, Found, gather, tags_of
from delivery.reading.closure import Hits
from delivery.reading.compose import Composer
from delivery.reading.dialect import Dialect, current_dialect
from delivery.reading.faults import refuse
from delivery.reading.fragments import Fragment, marks
from delivery.reading.locales import EVERY_LANGUAGE, choose_locales, read_locales
from delivery.reading.rows import FIRST_KEY, ID, Row
from delivery.reading.selection import Selection, read_selection
from delivery.reading.site_lookup import Site
from delivery.reading.sort_sql import BY_DATE, beyond, columns_for
from delivery.reading.sorting import SortKey
from delivery.reading.sync_changes import Change, read_stretch
from delivery.reading.sync_tokens import (
    Following,
    Mark,
    Reading,
    Replaying,
    Token,
    read_token,
    write_token,
)
from outbox.interface import last_event

SYNC_PARAMETERS: Final = ("initial", "sync_token", "type", "locale", "limit")
SYNC_LIMIT: Final = 100
_NEWEST_FIRST: Final = (SortKey(BY_DATE, Kind.TIME, is_descending=True),)


@dataclass(frozen=True, slots=True)
class SyncQuery:
    """A page of the sync that a caller asks for: the first one, or the one after a token."""

    limit: int
    token: str | None = None
    types: tuple[str, ...] | None = None
    locales: tuple[str, ...] | None = None


def sync_query(params: Mapping[str, str], limit: int) -> SyncQuery:
    """The query from the texts of its parameters.

    Raises:
        Invalid: a parameter that is not understood, or that contradicts another.
    """
    initial, token = params.get("initial"), params.get("sync_token")
    if initial not in {None, "true"}:
        raise refuse("initial", "malformed", "Write initial=true, or leave it out.")
    if initial is None and token is None:
        raise refuse("sync_token", "missing", "Give initial=true to begin, else a sync_token.")
    if initial is not None and token is not None:
        raise refuse("initial", "contradiction", "Give initial=true or a sync_token, not both.")
    for name in ("type", "locale"):
        if token is not None and name in params:
            detail = f"The token knows its {name}; give it with initial=true only."
            raise refuse(name, "contradiction", detail)
    return SyncQuery(
        limit=limit,
        token=token,
        types=_read_types(params.get("type")),
        locales=read_locales(params.get("locale")),
    )


def _read_types(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(sorted(set(text.split(","))))
    for name in names:
        if get_type(name) is None:
            raise refuse("type", "unknown_type", f"There is no type {name[:60]}.")
    return names


def read_sync(site: Site, query: SyncQuery) -> Answer:
    """A page of the sync. Two queries at most; one more at both ends of the first reading.

    Raises:
        Invalid: the token is not of this website, or the website has none of the languages.
        StartAgain: what came after the token is no longer known.
    """
    word = query.token
    token = _first_token(site, query) if word is None else read_token(site.id, word)
    if isinstance(token.stage, Reading):
        return _read_on(site, token, query.limit)
    return _replay(site, token, query.limit)


def _first_token(site: Site, query: SyncQuery) -> Token:
    locales = None
    if query.locales is not None:
        locales = (*choose_locales(query.locales, site.locales), EVERY_LANGUAGE)
    return Token(Following(query.types, locales), _head(), Reading(("", "")))


def _head() -> Mark:
    """Where the ledger stands. Read before the documents, which are then at least as new."""
    event = last_event()
    return Mark() if event is None else Mark(event.sequence, str(event.id))


def _selection() -> Selection:
    """Whole documents of all types."""
    return read_selection(tuple(item.name for item in all_types()), None, None, None)


def _read_on(site: Site, token: Token, limit: int) -> Answer:
    """A page of the first reading, newest documents first."""
    dialect, stage = current_dialect(), token.stage
    columns, _ = columns_for(dialect, _NEWEST_FIRST, dated="d", id_sql="d.id")
    conditions = _followed(site, token.following)
    if isinstance(stage, Reading) and stage.keys[0]:
        conditions.append(beyond(columns, stage.keys))
    keys = ", ".join(
        f"{item.selected or item.sql} AS k{number}" for number, item in enumerate(columns)
    )
    hits = Hits(
        sql=f"SELECT d.id, {keys} FROM delivery_document d"
        f" WHERE {' AND '.join(item.sql for item in conditions)}"
        f" ORDER BY {', '.join(item.order for item in columns)} LIMIT {int(limit) + 1}",
        params=tuple(value for item in conditions for value in item.params),
        limit=limit,
        keys=len(columns),
    )
    found = gather(dialect, site, hits, _selection())
    if found.extra is not None:
        keys_of_last = found.rows[-1][FIRST_KEY:]
        following = replace(token, stage=Reading((str(keys_of_last[0]), str(keys_of_last[1]))))
        return _answer(site, following, found, found.rows, (), limit=limit, has_more=True)
    through = replace(token, stage=None)
    return _answer(
        site, through, found, found.rows, (), limit=limit, has_more=_head() != token.mark
    )


def _followed(site: Site, following: Following) -> list[Fragment]:
    """The conditions on `d` for documents that belong to the mirror."""
    conditions = [Fragment("d.site_id = %s", (site.id,))]
    for column, values in (("type", following.types), ("locale", following.locales)):
        if values is not None:
            conditions.append(Fragment(f"d.{column} IN ({marks(len(values))})", values))
    return conditions


def _replay(site: Site, token: Token, limit: int) -> Answer:
    """A page of changes: each document once, in the order of the last event that concerns it."""
    stage = token.stage if isinstance(token.stage, Replaying) else None
    stretch = read_stretch(
        site.id, token.following, token.mark, until=stage.until if stage else None, most=limit
    )
    edge = (stage.sequence, stage.document) if stage else (0, "")
    dialect = current_dialect()
    if stretch.changes:
        hits = _changed(dialect, site, token.following, stretch.changes, edge=edge, limit=limit)
        found = gather(dialect, site, hits, _selection())
    else:
        found = Found([], Composer({}, _selection()))
    present = {row[ID] for row in found.rows}
    deletions = [
        ((item.sequence, item.document), item.deletion)
        for item in stretch.changes
        if item.deletion is not None
        and item.document not in present
        and (item.sequence, item.document) > edge
    ]
    entries: list[tuple[tuple[int, str], Row | dict[str, Any]]] = [
        *(((row[FIRST_KEY], row[ID]), row) for row in found.rows),
        *deletions,
    ]
    entries.sort(key=lambda entry: entry[0])
    is_cut = found.extra is not None or len(entries) > limit
    shown = entries[:limit]
    following = Token(token.following, stretch.until)
    if is_cut:
        following = replace(token, stage=Replaying(stretch.until, *shown[-1][0]))
    return _answer(
        site,
        following,
        found,
        [item for _, item in shown if isinstance(item, tuple)],
        [item for _, item in shown if isinstance(item, dict)],
        limit=limit,
        has_more=is_cut or stretch.has_more,
        is_replay=True,
    )


def _changed(
    dialect: Dialect,
    site: Site,
    following: Following,
    changes: Sequence[Change],
    *,
    edge: tuple[int, str],
    limit: int,
) -> Hits:
    """The documents that changed and those that show a changed one, beyond `edge`."""
    rows = [[dialect.id_param(item.document), item.sequence, item.shown_at] for item in changes]
    conditions = _followed(site, following)
    return Hits(
        sql=f"SELECT y.id, y.seq AS k0 FROM (WITH c AS ({dialect.changes})"
        " SELECT x.id, MAX(x.seq) AS seq FROM (SELECT id, seq FROM c UNION ALL"
        " SELECT r.source_id, c.shown_seq FROM c CROSS JOIN delivery_documentreference r"
        " WHERE r.target_id = c.id AND c.shown_seq > 0) x GROUP BY x.id) y"
        " CROSS JOIN delivery_document d WHERE d.id = y.id"
        f" AND {' AND '.join(item.sql for item in conditions)}"
        f" AND (y.seq, y.id) > (%s, {dialect.id_value})"
        f" ORDER BY y.seq, y.id LIMIT {int(limit) + 1}",
        params=(
            orjson.dumps(rows).decode(),
            *(value for item in conditions for value in item.params),
            edge[0],
            dialect.id_param(edge[1] or _LEAST_ID),
        ),
        limit=limit,
        keys=1,
    )


_LEAST_ID: Final = "00000000-0000-0000-0000-000000000000"


def _answer(
    site: Site,
    token: Token,
    found: Found,
    rows: Sequence[Row],
    deletions: Sequence[Mapping[str, Any]],
    *,
    limit: int,
    has_more: bool,
    is_replay: bool = False,
) -> Answer:
    composer, root = found.composer, _selection().root
    data = b",".join([composer.document(row, root) for row in rows])
    word = write_token(site.id, token)
    ending = {"deleted": deletions, "next_sync_token": word, "has_more": has_more}
    return Answer(
        body=b'{"data":[' + data + b"]," + orjson.dumps(ending)[1:],
        tags=tags_of(site.id, _types_told(token.following, is_replay=is_replay), composer.ids),
        next_query=_next_query(word, limit) if has_more else None,
    )


def _types_told(following: Following, *, is_replay: bool) -> Sequence[str]:
    """The types of which a change may put more on the page.

    What follows a token has the documents that show a changed one, and that may be of any type.
    """
    if following.types is not None and not is_replay:
        return following.types
    return [item.name for item in all_types()]


def _next_query(word: str, limit: int) -> str:
    return f"sync_token={word}" if limit == SYNC_LIMIT else f"sync_token={word}&limit={limit}"
