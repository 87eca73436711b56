"""Which network addresses a request from here may go to."""

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# Python counts everything outside its list of special ranges as global, so also the
# unassigned and the old site-local ones; only this range is handed out for the internet.
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")


def parse_networks(items: Iterable[str]) -> tuple[IPNetwork, ...]:
    """The networks that `items` write in CIDR form; ValueError for anything else."""
    return tuple(ipaddress.ip_network(item) for item in items)


def resolve_host(host: str, port: int) -> Sequence[IPAddress]:
    """Every address of `host`, in the resolver's order; OSError when there is none.

    The resolver, and nobody else, reads the odd spellings of an address (`127.1`,
    `0x7f000001`, `2130706433`), so what is checked is what would be connected to.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))


def _carried_address(address: IPAddress) -> IPAddress:
    """The IPv4 address inside a mapped, 6to4 or NAT64 address, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_inside(address: IPAddress, networks: Iterable[IPNetwork]) -> bool:
    """Whether one of `networks` holds the address, or the IPv4 address that it carries."""
    carried = _carried_address(address)
    return any(carried in network for network in networks if network.version == carried.version)


def is_public(address: IPAddress) -> bool:
    """Whether the address belongs to the internet: not this host, a private network or a group."""
    carried = _carried_address(address)
    if isinstance(carried, ipaddress.IPv6Address) and carried not in _GLOBAL_UNICAST:
        return False
    return carried.is_global and not carried.is_multicast
