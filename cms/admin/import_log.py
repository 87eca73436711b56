"""What a page's history says of an import."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cms.importing.page_rows import LOG_ACTION


def register_import_action(actions: Any) -> None:
    """Names the action under which imports are logged."""
    actions.register_action(LOG_ACTION, _("Import"), _("Imported"))
