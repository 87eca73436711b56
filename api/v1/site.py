"""Which website a request is for."""

from datetime import datetime

from django.http import HttpRequest

from delivery.interface import Site, find_site


def site_of(request: HttpRequest, at: datetime | None = None) -> Site:
    """The site of the request's host name, as it is or as it was at an instant. One query.

    Raises:
        NotFound: the host name leads to no site, and there is no default one.
        BeforeHistory: the instant is before the first that is known.
    """
    host = request.get_host()
    name, _, port = host.rpartition(":") if ":" in host.rpartition("]")[2] else (host, "", "")
    return find_site(name, int(port) if port else 443 if request.is_secure() else 80, at)
