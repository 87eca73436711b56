"""Making all documents again, and finding those that are behind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction
from wagtail.models import Page

from cms.dependants import DEPENDANT_TYPES, remove_orphans, sync_dependants
from cms.document_builders.context import Dependant, page_document_id
from cms.document_builders.pages import BUILDERS
from cms.document_types import PAGE_TYPES
from cms.models import RebuildRun
from cms.publishing import BATCH_SIZE, sync_pages
from cms.site_documents import sync_sites
from cms.site_map import read_site_map
from delivery.interface import Document, remove_documents

Progress = Callable[[int], None]


def count_work() -> int:
    """How many steps `rebuild_documents` reports: one for each page and each dependant."""
    return Page.objects.count() + Document.objects.filter(type__in=DEPENDANT_TYPES).count()


@transaction.atomic
def _rebuild_batch(run: RebuildRun, pks: list[int], last_path: str) -> None:
    run.changed += sync_pages(pks)
    run.position = last_path
    run.save()


def rebuild_documents(*, restart: bool = False, progress: Progress = lambda _count: None) -> int:
    """Makes every document from its source; gives how many differed from what was public.

    Works in batches that each commit, and notes how far it got: after a crash the next call
    goes on from there, unless `restart`. Safe beside editors: each batch takes the same locks
    as a publication. `progress` is called with the number of sources dealt with.
    """
    run, _ = RebuildRun.objects.get_or_create(pk=1)
    if restart or run.is_finished:
        run.position, run.changed, run.is_finished = "", 0, False
    progress(Page.objects.filter(path__lte=run.position).count() if run.position else 0)
    pages = list(
        Page.objects.filter(path__gt=run.position).order_by("path").values_list("pk", "path")
    )
    for start in range(0, len(pages), BATCH_SIZE):
        batch = pages[start : start + BATCH_SIZE]
        _rebuild_batch(run, [pk for pk, _path in batch], batch[-1][1])
        progress(len(batch))
    with transaction.atomic():
        run.changed += sync_sites() + _remove_sourceless_pages()
    for dependants in _dependant_batches():
        with transaction.atomic():
            run.changed += sync_dependants(dependants)
            remove_orphans([dependant.document_id for dependant in dependants])
        progress(len(dependants))
    run.is_finished = True
    run.save()
    return run.changed


def _dependant_batches() -> Iterator[list[Dependant]]:
    rows = list(
        Document.objects.filter(type__in=DEPENDANT_TYPES)
        .order_by("source", "site_id")
        .values_list("type", "source", "site_id")
    )
    for start in range(0, len(rows), BATCH_SIZE):
        yield [
            Dependant(DEPENDANT_TYPES[name], int(source.partition(":")[2]), site_id)
            for name, source, site_id in rows[start : start + BATCH_SIZE]
        ]


def _remove_sourceless_pages() -> int:
    public = dict(Document.objects.filter(type__in=PAGE_TYPES).values_list("id", "source"))
    known = {page_document_id(pk) for pk in Page.objects.values_list("pk", flat=True)}
    return len(remove_documents(set(public) - known, is_deleted=True).removed)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Pages whose document is not what it should be: missing, behind, or public by mistake."""

    missing: tuple[int, ...]
    behind: tuple[int, ...]
    leaking: tuple[int, ...]
    sourceless: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.behind or self.leaking or self.sourceless)


def find_gaps() -> Gaps:
    """Compares every page with its document by path, revision and time, without building any.

    Costs six queries. What this cannot see (a text changed behind Wagtail's back) a rebuild can.
    """
    site_map = read_site_map()
    types = {model._meta.label_lower for model in BUILDERS}
    documents = {
        row[0]: row[1:]
        for row in Document.objects.filter(type__in=PAGE_TYPES).values_list(
            "id", "path", "revision", "updated_at"
        )
    }
    missing, behind, leaking = [], [], []
    pages = Page.objects.select_related("content_type").order_by("path")
    for page in pages.iterator(chunk_size=2000):
        present = documents.pop(page_document_id(page.pk), None)
        place = site_map.locate(page)
        label = f"{page.content_type.app_label}.{page.content_type.model}"
        is_public = page.live and not site_map.is_restricted(page) and label in types
        if not is_public or place is None:
            if present is not None:
                leaking.append(page.pk)
            continue
        revision = None if page.alias_of_id else page.live_revision_id
        if present is None:
            missing.append(page.pk)
        elif present != (place[1], revision, page.last_published_at):
            behind.append(page.pk)
    return Gaps(tuple(missing), tuple(behind), tuple(leaking), sourceless=len(documents))


@transaction.atomic
def close_gaps(gaps: Gaps) -> int:
    """Brings the documents of those pages up to date; gives how many changed."""
    changed = 0
    pks = [*gaps.leaking, *gaps.missing, *gaps.behind]
    for start in range(0, len(pks), BATCH_SIZE):
        changed += sync_pages(pks[start : start + BATCH_SIZE])
    return changed + _remove_sourceless_pages() + sync_sites()
