"""Menus of the website."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from django.utils.text import slugify

from cms.importing.blocks import is_web_url, list_of, with_ids
from cms.importing.content import Change
from cms.importing.context import RunContext, result_of
from cms.importing.resolve import Resolver
from cms.importing.scratch import Result, Spooled
from cms.models import ImportedItem, NavigationMenu

_NAME_LENGTH = 50
_LABEL_LENGTH = 100


def import_menu(run: RunContext, spooled: Spooled) -> Result:
    """Makes or updates a menu of the website. To be called in a transaction.

    A menu that an editor has made keeps its name and its entries.
    """
    resolver = run.resolver()
    resolver.expects_more = False
    raw = with_ids(_entries(spooled.item.details.get("items") or (), resolver), spooled.item.key)
    target = run.scratch.target_of(spooled.item.key)
    if target is not None:
        return _update(run, spooled, target[1], raw, resolver)
    locale = run.locale(spooled.item.locale) or run.home.locale
    wish = str(spooled.item.details.get("menu") or spooled.item.slug or spooled.item.title)
    wish = slugify(wish)[:_NAME_LENGTH] or "menu"
    menu = NavigationMenu(site=run.site, locale=locale, translation_key=uuid4())
    menu.name = _free_name(run, menu, wish, spooled.item.key)
    if menu.name != wish:
        message = f"There is a menu “{wish}” already; this one is “{menu.name}”."
        resolver.notes.add(Change.CHANGED, "menu-renamed", message)
    if not run.is_dry_run:
        _save(menu, raw)
        ImportedItem.objects.create(
            source=run.saved_source,
            key=spooled.item.key,
            kind=spooled.item.kind.value,
            title=spooled.item.title[:255],
            where=spooled.item.where,
            digest=spooled.digest,
            written_digest=_digest(raw),
            has_pending_links=resolver.is_pending,
            menu=menu,
        )
    run.scratch.set_target(spooled.item.key, "menu", run.new_key() if menu.pk is None else menu.pk)
    return result_of(spooled, "imported", notes=tuple(resolver.notes.notes))


def _update(
    run: RunContext, spooled: Spooled, pk: int, raw: list[dict[str, Any]], resolver: Resolver
) -> Result:
    memory = ImportedItem.objects.get(source=run.saved_source, key=spooled.item.key)
    menu = NavigationMenu.objects.get(pk=pk)
    present = _digest(menu.items.stream_block.get_prep_value(menu.items))
    if present != memory.written_digest and not run.options.overwrites:
        message = "It was edited here since; what changed at the source was not taken over."
        resolver.notes.add(Change.DROPPED, "edited-here", message)
        return result_of(spooled, "skipped", notes=tuple(resolver.notes.notes))
    is_changed = _digest(raw) != present
    if not run.is_dry_run:
        if is_changed:
            _save(menu, raw)
        is_new = memory.digest != spooled.digest or memory.has_pending_links != resolver.is_pending
        if is_changed or is_new:
            memory.digest, memory.written_digest = spooled.digest, _digest(raw)
            memory.has_pending_links = resolver.is_pending
            memory.save()
    outcome = "updated" if is_changed else "unchanged"
    return result_of(spooled, outcome, notes=tuple(resolver.notes.notes))


def _save(menu: Any, raw: list[dict[str, Any]]) -> None:
    menu.items = json.dumps(raw)
    menu.save()


def _free_name(run: RunContext, menu: NavigationMenu, wish: str, key: str) -> str:
    number, name = 1, wish
    taken = NavigationMenu.objects.filter(site=menu.site, locale=menu.locale)
    while taken.filter(name=name).exists() or not run.scratch.take_slug(
        -1_000_000 - menu.locale_id, name, key
    ):
        number += 1
        name = f"{wish[: _NAME_LENGTH - 4]}-{number}"
    return name


def _entries(entries: Iterable[Mapping[str, Any]], resolver: Resolver) -> list[dict[str, Any]]:
    raw = []
    for entry in entries:
        below = [link for child in entry.get("children") or () for link in _flat(child, resolver)]
        link = _link(entry, resolver)
        if link is None:
            # A heading that leads nowhere: what stands below it takes its place.
            raw += [{"type": "item", "value": child | {"children": []}} for child in below]
        else:
            raw.append({"type": "item", "value": link | {"children": list_of(below)}})
    return raw


def _flat(entry: Mapping[str, Any], resolver: Resolver) -> list[dict[str, Any]]:
    """The entry and all below it on one level: menus here have two."""
    link = _link(entry, resolver)
    children = entry.get("children") or ()
    if children:
        message = f"What stands below “{entry.get('label')}” went beside it: menus have two levels."
        resolver.notes.add(Change.CHANGED, "menu-flattened", message)
    found = [] if link is None else [link]
    return found + [link for child in children for link in _flat(child, resolver)]


def _link(entry: Mapping[str, Any], resolver: Resolver) -> dict[str, Any] | None:
    label = resolver.notes.fit(str(entry.get("label") or ""), _LABEL_LENGTH, "label of an entry")
    page, url = resolver.page_or_url(str(entry.get("url") or ""))
    if label and (page is not None or is_web_url(url)):
        return {"label": label, "page": page, "url": "" if page is not None else url}
    message = f"The entry “{label}” leads nowhere; it was left out."
    resolver.notes.add(Change.DROPPED, "menu-entry-dropped", message)
    return None


def _digest(raw: Any) -> str:
    text = json.dumps(raw, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
