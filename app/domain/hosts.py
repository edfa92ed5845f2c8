"""Host names and addresses: which of them can only mean this computer."""

from __future__ import annotations

import ipaddress

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_loopback_host(host: str) -> bool:
    """Whether only this computer is reached by it: `localhost`, names below it (RFC 6761 section 6.3), addresses of
    127.0.0.0/8 and ::1. Without a port; an IPv6 address may stand in brackets."""
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = ip_address(name)
    if address is None:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def ip_address(host: str) -> IpAddress | None:
    """The address that this literal writes, in brackets or not; None for a name."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        return None
