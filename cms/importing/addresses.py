"""Addresses at a source, in one form each, so that what leads to the same thing compares equal."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote, urlsplit

_INDEX_FILE: Final = re.compile(r"/index\.x?html?$", re.IGNORECASE)
_SIZE_SUFFIX: Final = re.compile(r"-\d{1,5}x\d{1,5}(\.\w{2,5})$")
_DANGEROUS: Final = frozenset({"javascript", "vbscript", "data"})
WEB: Final = frozenset({"http", "https"})
CONTACT: Final = frozenset({"mailto", "tel"})


@dataclass(frozen=True, slots=True)
class Address:
    """An address as the importer compares it.

    `name` is what two addresses of one thing share: the path with its query where the host is the
    source's own, else the whole without its fragment. `url` is where it leads on the web today,
    empty where nobody knows.
    """

    name: str
    fragment: str
    url: str
    is_internal: bool
    asked_path: str = ""
    """The path with its query as browsers asked for it, of an address of the source's own."""

    @property
    def url_with_fragment(self) -> str:
        """As `url`, to the very place."""
        return f"{self.url}#{self.fragment}" if self.url and self.fragment else self.url


@dataclass(frozen=True, slots=True)
class AddressReader:
    """Reads addresses of one source."""

    hosts: frozenset[str]
    base_url: str = ""
    _bare_hosts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Hosts compare without `www.`: both spellings lead to one website."""
        hosts = {host.lower().removeprefix("www.") for host in self.hosts}
        object.__setattr__(self, "_bare_hosts", frozenset(hosts))

    def read(self, text: str) -> Address | None:
        """The address that `text` is; None where it is none that could be followed."""
        text = text.strip()
        try:
            parts = urlsplit(text)
            host = (parts.hostname or "").removeprefix("www.")
        except ValueError:  # such as a bracket without its pair
            return None
        scheme = parts.scheme.lower()
        if not text or scheme in _DANGEROUS:
            return None
        fragment = unquote(parts.fragment)
        if scheme in WEB or (not scheme and parts.netloc):
            if host in self._bare_hosts:
                return self._internal(parts.path, parts.query, fragment)
            if not host:
                return None
            url = text.partition("#")[0]
            url = url if scheme else f"https:{url}"
            name = url.partition(":")[2].rstrip("/")
            return Address(name, fragment, url, is_internal=False)
        if scheme in CONTACT:
            return Address(text, "", text, is_internal=False)
        if scheme:
            return Address(text.partition("#")[0], fragment, "", is_internal=True)
        return self._internal(parts.path, parts.query, fragment)

    def _internal(self, path: str, query: str, fragment: str) -> Address:
        asked = "/" + unquote(path).strip("/")
        name = _INDEX_FILE.sub("/", asked).rstrip("/") or "/"
        if query:
            name, asked = f"{name}?{query}", f"{asked}?{query}"
        url = ""
        if self.base_url:
            url = f"{self.base_url.rstrip('/')}/{quote(unquote(path).lstrip('/'), safe='/%:@&=+$,;~!*()')}"
            url += f"?{query}" if query else ""
        return Address(name, fragment, url, is_internal=True, asked_path=asked)


def full_size_name(name: str) -> str | None:
    """The name of the image of which this is a smaller copy, as WordPress names them; else None."""
    path, mark, query = name.partition("?")
    shorter = _SIZE_SUFFIX.sub(r"\1", path)
    return None if shorter == path else f"{shorter}{mark}{query}"
