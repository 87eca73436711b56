"""Categories, the wider ones first."""

import hashlib
from uuid import uuid4

from wagtail.models import Locale

from cms.importing.content import Change
from cms.importing.context import RunContext, result_of
from cms.importing.page_fields import wished_slug
from cms.importing.resolve import ItemNotes
from cms.importing.scratch import Result, Spooled
from cms.models import Category, ImportedItem

_NAME_LENGTH = 100


def import_category(run: RunContext, spooled: Spooled) -> Result:
    """Makes or updates a category. To be called in a transaction.

    One that is here already under the same name and slug is used as it is.
    """
    target = run.scratch.target_of(spooled.item.key)
    if target is None:
        return _create(run, spooled)
    return _update(run, spooled, target[1])


def _create(run: RunContext, spooled: Spooled) -> Result:
    notes = ItemNotes()
    category = Category(translation_key=uuid4(), locale=_locale(run, spooled, notes))
    _set_words(run, category, spooled, notes)
    wish = wished_slug(spooled.item, category.name)[:_NAME_LENGTH]
    same = Category.objects.filter(
        locale=category.locale, slug=wish, name__iexact=category.name
    ).first()
    if same is not None and not run.scratch.take_slug(-category.locale_id, wish, spooled.item.key):
        same = None
    if same is not None:
        message = f"The category “{same.name}” was here already and is used as it is."
        notes.add(Change.GUESSED, "category-matched", message)
        category = same
    else:
        category.slug = _free_slug(run, category, wish, spooled.item.key)
    if run.is_dry_run:
        run.scratch.set_target(spooled.item.key, "category", category.pk or run.new_key())
    else:
        if same is None:
            category.save()
        ImportedItem.objects.create(
            source=run.saved_source,
            key=spooled.item.key,
            kind=spooled.item.kind.value,
            title=category.name,
            where=spooled.item.where,
            digest=spooled.digest,
            written_digest=_digest(category),
            parent_key=spooled.parent or "",
            category=category,
        )
        run.scratch.set_target(spooled.item.key, "category", category.pk)
    return result_of(spooled, "imported", notes=tuple(notes.notes))


def _update(run: RunContext, spooled: Spooled, pk: int) -> Result:
    notes = ItemNotes()
    memory = ImportedItem.objects.get(source=run.saved_source, key=spooled.item.key)
    category = Category.objects.get(pk=pk)
    before = _digest(category)
    if before != memory.written_digest and not run.options.overwrites:
        message = "It was edited here since; what changed at the source was not taken over."
        notes.add(Change.DROPPED, "edited-here", message)
        return result_of(spooled, "skipped", notes=tuple(notes.notes))
    _set_words(run, category, spooled, notes)
    is_changed = _digest(category) != before
    if not run.is_dry_run:
        if is_changed:
            category.save()
        memory.digest, memory.written_digest = spooled.digest, _digest(category)
        memory.save()
    outcome = "updated" if is_changed else "unchanged"
    return result_of(spooled, outcome, notes=tuple(notes.notes))


def _locale(run: RunContext, spooled: Spooled, notes: ItemNotes) -> Locale:
    locale = run.locale(spooled.item.locale)
    if locale is None:
        message = f"The language “{spooled.item.locale}” is not set up; it went to the others."
        notes.add(Change.CHANGED, "language-missing", message)
        locale = run.home.locale
    return locale


def _set_words(run: RunContext, category: Category, spooled: Spooled, notes: ItemNotes) -> None:
    item = spooled.item
    category.name = notes.fit(item.title or item.slug, _NAME_LENGTH, "name") or "Untitled"
    category.description = str(item.details.get("description") or item.summary).strip()
    parent = run.scratch.target_of(spooled.parent) if spooled.parent else None
    category.parent_id = parent[1] if parent is not None else None
    if category.pk and category.parent_id and _lies_within(category.parent_id, category.pk):
        category.parent_id = None
        message = "It would lie within itself; it went to the top."
        notes.add(Change.CHANGED, "parent-cycle", message)


def _lies_within(pk: int | None, top: int) -> bool:
    while pk is not None:
        if pk == top:
            return True
        pk = Category.objects.filter(pk=pk).values_list("parent_id", flat=True).first()
    return False


def _free_slug(run: RunContext, category: Category, wish: str, key: str) -> str:
    number, slug = 1, wish
    while Category.objects.filter(
        locale=category.locale, slug=slug
    ).exists() or not run.scratch.take_slug(-category.locale_id, slug, key):
        number += 1
        slug = f"{wish[: _NAME_LENGTH - 8]}-{number}"
    return slug


def _digest(category: Category) -> str:
    words = [category.name, category.description, str(category.parent_id)]
    return hashlib.blake2b("\x1f".join(words).encode(), digest_size=16).hexdigest()
