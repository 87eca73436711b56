"""Model fields of the editor's side."""

from typing import Any

from wagtail.fields import StreamField


class ContentStreamField(StreamField):
    """A StreamField whose blocks stay out of the migrations.

    A block that is renamed or given a help text is no change of the database, so it makes no
    migration here. The price: a data migration that must look into old blocks has to declare
    them itself.
    """

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """As Django's, with an empty list of blocks."""
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [[]], kwargs
