"""Old paths and where they lead."""

from collections.abc import Collection
from uuid import UUID

from delivery.models import Redirect


def save_redirect(
    *,
    site_id: int,
    source: str,
    path: str,
    document_id: UUID | None = None,
    url: str = "",
    is_permanent: bool = True,
) -> None:
    """Makes `path` lead to the document, wherever that is at the time, or to `url`.

    `source` names the rule at its maker's; the same source again replaces the rule.
    """
    Redirect.objects.update_or_create(
        site_id=site_id,
        source=source,
        defaults={
            "path": path,
            "document_id": document_id,
            "url": url,
            "is_permanent": is_permanent,
        },
    )


def remove_redirects(sources: Collection[str]) -> None:
    """Forgets the rules of these sources, on every site; unknown ones are passed over."""
    Redirect.objects.filter(source__in=sources).delete()
