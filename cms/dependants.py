"""Images, tags and categories: public while something published shows them, and no longer."""

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from cms.document_builders.context import Dependant, DependantKind
from cms.document_builders.dependants import build_dependants
from delivery.interface import (
    Document,
    DocumentReference,
    DocumentState,
    remove_documents,
    save_documents,
)
from outbox.interface import lock_ledger

DEPENDANT_TYPES: Final[dict[str, DependantKind]] = {
    "images": "image",
    "tags": "tag",
    "categories": "category",
}


def new_dependant_states(
    dependants: Iterable[Dependant], *, public: Collection[UUID] | None = None
) -> list[DocumentState]:
    """The documents of those that are not public yet, and of what these show in turn.

    One that is public already is left as it is: whatever changes it brings its document up to
    date at that moment, and to describe an image again costs more than to look for it. `public`
    has the ids of those among `dependants` that are, if the caller has asked.
    """
    states: list[DocumentState] = []
    pending = set(dependants)
    seen: set[Dependant] = set()
    while pending:
        seen |= pending
        ids = {dependant.document_id: dependant for dependant in pending}
        if public is None:
            public = set(Document.objects.filter(id__in=list(ids)).values_list("id", flat=True))
        built, more = build_dependants(item for key, item in ids.items() if key not in public)
        states += built
        pending, public = more - seen, None
    return states


def remove_orphans(candidates: Collection[UUID]) -> None:
    """Removes those of `candidates` that are dependants and that no document names any more.

    What an orphan alone has shown (the wider category of a category) goes with it.
    """
    while candidates:
        named = DocumentReference.objects.filter(target_id__in=candidates).values("target_id")
        orphans = list(
            Document.objects.filter(id__in=candidates, type__in=DEPENDANT_TYPES)
            .exclude(id__in=named)
            .values_list("id", flat=True)
        )
        if not orphans:
            return
        candidates = remove_documents(orphans).dropped


def public_dependants(kind: DependantKind, pk: int) -> list[Dependant]:
    """The thing as a dependant of each site where it is public, once earlier writers are done.

    Raises:
        NotInTransaction: no transaction is open.
    """
    lock_ledger()
    sites = Document.objects.filter(source=f"{kind}:{pk}").values_list("site_id", flat=True)
    return [Dependant(kind, pk, site_id) for site_id in sites]


def sync_dependants(dependants: Collection[Dependant]) -> int:
    """Brings documents that are public up to date with their image, tag or category.

    One whose source is gone is removed. Gives how many documents changed.
    """
    ids = [dependant.document_id for dependant in dependants]
    if not ids:
        return 0
    lock_ledger()
    states, more = build_dependants(dependants)
    changes = save_documents([*states, *new_dependant_states(more)])
    gone = remove_documents(set(ids) - {state.id for state in states}, is_deleted=True)
    remove_orphans(changes.dropped | gone.dropped)
    return len(changes.published) + len(changes.updated) + len(gone.removed)
