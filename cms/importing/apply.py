"""From the plan to the database: batch by batch, each in a transaction of its own."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Final

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction

from cms.importing.categories import import_category
from cms.importing.content import Change, ItemKind, Note
from cms.importing.context import RunContext, result_of
from cms.importing.files import await_public_sizes, import_file
from cms.importing.menus import import_menu
from cms.importing.pages import import_pages, missing_indexes
from cms.importing.plan import batches
from cms.importing.reading import STAGES
from cms.importing.scratch import Result, Spooled
from cms.importing.second_look import look_again
from cms.site_map import read_site_map

logger = logging.getLogger(__name__)

_TRIES: Final = 4
_WAIT_SECONDS: Final = 0.5
_PAGES: Final = frozenset({ItemKind.PROFILE, ItemKind.SECTION, ItemKind.PAGE, ItemKind.POST})

Importer = Callable[[Sequence[Spooled]], list[Result]]


def apply_plan(run: RunContext) -> None:
    """Imports all that the plan leaves to do. A thing that cannot be imported gets its result.

    Raises:
        OperationalError, InterfaceError: the database is away; what was committed stays.
    """
    for stage in sorted(set(STAGES.values())):
        for seqs in batches(run.scratch, stage):
            spooled = run.scratch.spooled(seqs)
            if spooled[0].item.kind in _PAGES:
                _make_indexes(run, spooled)
                if not run.is_dry_run:
                    await_public_sizes(run, spooled)
                _import(run, spooled, _page_importer(run))
            else:
                for one in spooled:
                    _import(run, [one], _single_importer(run, one))
    look_again(run)


def _page_importer(run: RunContext) -> Importer:
    return lambda batch: import_pages(run, batch, read_site_map())


def _single_importer(run: RunContext, spooled: Spooled) -> Importer:
    act = {
        ItemKind.CATEGORY: import_category,
        ItemKind.IMAGE: import_file,
        ItemKind.FILE: import_file,
        ItemKind.MENU: import_menu,
    }[spooled.item.kind]
    return lambda batch: [act(run, one) for one in batch]


def _import(run: RunContext, batch: Sequence[Spooled], importer: Importer) -> None:
    """Imports a batch; where something of it fails, each thing by itself."""
    try:
        results = _try(run, batch, importer)
    except (OperationalError, InterfaceError):
        raise
    except Exception as problem:  # noqa: BLE001 - whatever a source brings up must not stop the rest
        _forget(run, batch)
        if len(batch) == 1:
            run.finish_item(_failed(batch[0], problem))
            return
        for one in batch:
            _import(run, [one], importer)
        return
    for result in results:
        run.finish_item(result)


def _try(run: RunContext, batch: Sequence[Spooled], importer: Importer) -> list[Result]:
    """In a transaction; once more where others were in the way.

    A file opens its own when its bytes are there: fetching them may take a while.
    """
    is_file = batch[0].item.kind in {ItemKind.IMAGE, ItemKind.FILE}
    for attempt in range(1, _TRIES + 1):
        around: AbstractContextManager[object] = (
            nullcontext() if run.is_dry_run or is_file else transaction.atomic()
        )
        try:
            with around:
                return importer(batch)
        except OperationalError:
            _forget(run, batch)
            if attempt == _TRIES:
                raise
            time.sleep(_WAIT_SECONDS * attempt)
    return []


def _forget(run: RunContext, batch: Iterable[Spooled]) -> None:
    """What a rolled back batch had noted about new things."""
    for spooled in batch:
        row = run.scratch.db.execute("SELECT 1 FROM known WHERE key = ?", (spooled.item.key,))
        if row.fetchone() is None:
            run.scratch.drop_target(spooled.item.key)


def _failed(spooled: Spooled, problem: Exception) -> Result:
    if isinstance(problem, ValidationError):
        message = " ".join(
            f"{field}: {' '.join(texts)}" if field != "__all__" else " ".join(texts)
            for field, texts in getattr(
                problem, "message_dict", {"__all__": problem.messages}
            ).items()
        )
    else:
        logger.warning("Import of %s failed.", spooled.item.key, exc_info=problem)
        message = f"{type(problem).__name__}: {problem}"
    return result_of(
        spooled, "failed", notes=(Note(Change.FAILED, "not-imported", message[:1000]),)
    )


def _make_indexes(run: RunContext, batch: Sequence[Spooled]) -> None:
    """Pages that the source does not have and its things need."""
    for spooled in missing_indexes(run, batch, read_site_map()):
        for result in _try(run, [spooled], _page_importer(run)):
            message = "The source's things of this kind needed a page to lie below; it was made."
            note = Note(Change.GUESSED, "index-made", message)
            run.scratch.add_result(replace(result, kind="added", notes=(note,)))
