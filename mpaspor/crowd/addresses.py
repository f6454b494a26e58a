"""Where a request comes from, as far as we can believe it."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# Of an IPv6 address a household, or a phone, has all that begin with the same 64 bits.
HOUSEHOLD = 64


def network_of(request: HttpRequest) -> str:
    """The client's address; of IPv6 the part that its network has in common."""
    try:
        address = ip_address(_client(request))
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> HOUSEHOLD << HOUSEHOLD))


def _client(request: HttpRequest) -> str:
    """What the farthest of our own proxies saw; what stands before that, anybody can write."""
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if 0 < settings.NUM_PROXIES <= len(seen):
        return str(seen[-settings.NUM_PROXIES]).strip()
    return str(request.META.get("REMOTE_ADDR", ""))
