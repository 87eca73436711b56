"""What the editor's side tells itself where Wagtail has no signal."""

from django.dispatch import Signal

alias_created = Signal()
"""An alias page was born live: Wagtail sends `page_published` for later changes only."""
