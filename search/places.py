"""Websites and their languages, as editors choose among them."""

from delivery.interface import DeliverySite, refuse


def require_locale(site_id: int | None, locale: str) -> None:
    """Checks that the website has the language; any website, where none is named. One query.

    Raises:
        Invalid: there is no such website, or it has no such language.
    """
    sites = DeliverySite.objects.order_by("pk")
    if site_id is not None:
        sites = sites.filter(pk=site_id)
    known = list(sites.values_list("locales", flat=True))
    if not known:
        raise refuse("site", "unknown_site", "There is no such website.")
    if not any(locale in locales for locales in known):
        raise refuse("locale", "unknown_locale", "The website is not in this language.")
