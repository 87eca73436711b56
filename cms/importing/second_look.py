"""Links forward: pages that name what came after them are written once more, at the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from wagtail.models import Page, Revision

from cms.fields import words_are_kept
from cms.importing.content import Note
from cms.importing.context import RunContext
from cms.importing.menus import import_menu
from cms.importing.page_fields import PageFields, fields_of
from cms.importing.page_rows import index_pages, set_fields, set_lists
from cms.importing.page_updates import differs, lists_differ
from cms.importing.plan import BATCH_SIZE
from cms.importing.resolve import Resolver
from cms.importing.scratch import Result, Spooled
from cms.models import ImportedItem
from cms.publishing import sync_pages
from outbox.interface import lock_ledger


@dataclass(slots=True)
class _Look:
    spooled: Spooled
    known: Result
    memory: ImportedItem
    page: Any
    resolver: Resolver
    fields: PageFields


def look_again(run: RunContext) -> None:
    """Writes the links that lead somewhere by now, into the importer's own revision of a page.

    Also those of earlier runs, which may have been killed, or whose targets came to the source
    later. A page that an editor has changed since is left alone.
    """
    seqs = _pending(run)
    run.progress.begin("Linking", len(seqs))
    for start in range(0, len(seqs), BATCH_SIZE):
        batch = run.scratch.spooled(seqs[start : start + BATCH_SIZE])
        if run.is_dry_run:
            _look(run, batch)
        else:
            with transaction.atomic():
                lock_ledger()
                _look(run, batch)
        run.progress.advance(len(batch))


def _pending(run: RunContext) -> list[int]:
    seqs = {seq for (seq,) in run.scratch.db.execute("SELECT seq FROM pending")}
    if run.source is not None:
        keys = ImportedItem.objects.filter(source=run.source, has_pending_links=True)
        for key in keys.values_list("key", flat=True).iterator(chunk_size=2000):
            row = run.scratch.db.execute("SELECT seq FROM items WHERE key = ?", (key,)).fetchone()
            if row is not None:
                seqs.add(row[0])
    return sorted(seqs)


def _look(run: RunContext, batch: Sequence[Spooled]) -> None:
    looks = list(_looks(run, batch))
    changed = [look for look in looks if differs(look.page, look.fields)]
    if changed and not run.is_dry_run:
        with words_are_kept():
            _write(changed)
    for look in looks:
        is_changed = look in changed
        if not run.is_dry_run:
            _remember(look)
        if is_changed or look.known.outcome != "unchanged":
            _report(run, look.known, look.resolver, is_changed=is_changed)


def _looks(run: RunContext, batch: Sequence[Spooled]) -> Iterator[_Look]:
    """Those of the batch that have become pages and are still as the importer left them."""
    known = {spooled.seq: run.scratch.result_of(spooled.seq) for spooled in batch}
    memories = (
        {}
        if run.source is None
        else {
            memory.key: memory
            for memory in ImportedItem.objects.filter(
                source=run.source, key__in=[spooled.item.key for spooled in batch]
            )
        }
    )
    keys = [memory.page_id for memory in memories.values() if memory.page_id]
    pages = {page.pk: page for page in Page.objects.filter(pk__in=keys).specific()}
    for spooled in batch:
        result, memory = known[spooled.seq], memories.get(spooled.item.key)
        if result is None or result.outcome in {"skipped", "failed"}:
            continue
        if memory is not None and memory.menu_id:
            import_menu(run, spooled)
            continue
        page = pages.get(memory.page_id or 0) if memory is not None else None
        if page is None or memory is None:
            _tell_lost(run, spooled, result)
        elif page.latest_revision_id == memory.revision_id:
            resolver = run.resolver()
            resolver.expects_more = False
            fields = fields_of(spooled.item, resolver)
            yield _Look(spooled, result, memory, page, resolver, fields)


def _write(looks: Sequence[_Look]) -> None:
    revisions = Revision.objects.in_bulk([look.memory.revision_id for look in looks])
    for look in looks:
        set_fields(look.page, look.fields)
        look.page.save_base(raw=True)
        if lists_differ(look.page, look.fields):
            set_lists(look.page, look.fields)
            look.page.save(clean=False, log_action=False)
        revisions[look.page.latest_revision_id].content = look.page.serializable_data()
    Revision.objects.bulk_update(revisions.values(), ["content"])
    index_pages([look.page for look in looks])
    sync_pages([look.page.pk for look in looks])


def _remember(look: _Look) -> None:
    if look.memory.has_pending_links != look.resolver.is_pending:
        look.memory.has_pending_links = look.resolver.is_pending
        look.memory.save(update_fields=["has_pending_links"])


def _report(run: RunContext, known: Result, resolver: Resolver, *, is_changed: bool) -> None:
    is_update = is_changed and known.outcome == "unchanged"
    run.scratch.add_result(
        replace(
            known,
            outcome="updated" if is_update else known.outcome,
            notes=_joined(known.notes, tuple(resolver.notes.notes)),
        )
    )


def _tell_lost(run: RunContext, spooled: Spooled, known: Result) -> None:
    """A rehearsal: what was hoped for and did not come is told, as the import would."""
    if spooled.item.body or spooled.item.details:
        resolver = run.resolver()
        resolver.expects_more = False
        fields_of(spooled.item, resolver)
        _report(run, known, resolver, is_changed=False)


def _joined(notes: tuple[Note, ...], more: tuple[Note, ...]) -> tuple[Note, ...]:
    return tuple(dict.fromkeys((*notes, *more)))
