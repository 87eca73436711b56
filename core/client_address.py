"""From which address a request comes."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address


def client_address(meta: Mapping[str, str], *, trusted_proxies: int) -> str:
    """The address that the nearest `trusted_proxies` proxies vouch for; without any, the peer's.

    `X-Forwarded-For` is read from its right end, where our own proxies write: what a caller
    puts in front of that is never believed. An address that cannot be read is "unknown".
    """
    address = meta.get("REMOTE_ADDR", "")
    if trusted_proxies > 0:
        forwarded = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(forwarded) >= trusted_proxies:
            address = forwarded[-trusted_proxies]
    try:
        return str(ip_address(address))
    except ValueError:
        return "unknown"


def address_block(address: str) -> str:
    """What counts as one caller in a limit: an IPv4 address, or the /64 of an IPv6 address.

    One customer commonly holds a whole /64, so single IPv6 addresses would limit nobody.
    """
    if address == "unknown":
        return address
    parsed = ip_address(address)
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
