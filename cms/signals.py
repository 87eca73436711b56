"""What the editor's side tells itself where Wagtail has no signal of its own."""

from django.dispatch import Signal

alias_created = Signal()
"""An alias page was born live. Wagtail sends `page_published` for its later changes only."""

paths_changed = Signal()
"""The pages below this one have new paths, because its slug changed.

Wagtail's `page_slug_changed` comes after the commit, too late to write a document.
"""
