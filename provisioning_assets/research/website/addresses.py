"""Which network addresses may be connected to: only public ones, so that a website cannot lead us into a private network."""

import ipaddress
import socket
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, float], list[str]]

# Networks that contain an IPv4 address inside an IPv6 address: (network, number of bits after the IPv4 address).
_EMBEDDING_NETWORKS = (
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped, RFC 4291
    (ipaddress.IPv6Network("::/96"), 0),  # IPv4-compatible, RFC 4291, withdrawn
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (ipaddress.IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056
)
# In a public range, but private by what answers there or by how they are routed.
_REFUSED_NETWORKS = (
    ipaddress.ip_network("100.64.0.0/10"),  # carrier-grade NAT, RFC 6598; also where some clouds keep metadata
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments, RFC 6890
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's platform address, seen from inside a virtual machine
    ipaddress.ip_network("64:ff9b:1::/48"),  # local-use NAT64, RFC 8215
    ipaddress.ip_network("2001::/23"),  # protocol assignments, Teredo among them, RFC 2928
    ipaddress.ip_network("fec0::/10"),  # site-local, RFC 3879
)

# Name look-ups cannot be interrupted, so they run in separate threads, and the request stops waiting at its deadline.
_lookups = ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolve")


class AddressRefusedError(Exception):
    """The host resolves to an address that is not public."""


class NameUnknownError(Exception):
    """The host has no address, or its name server did not answer in time."""


def is_public(address: str | IpAddress) -> bool:
    """Whether an IP address is reachable from the public internet.

    Not public are private, loopback, link-local, reserved, multicast and carrier-grade NAT addresses, IPv6 addresses that
    contain such an IPv4 address, and text that is not an IP address.
    """
    try:
        number = ipaddress.ip_address(address.split("%")[0] if isinstance(address, str) else address)
    except ValueError:
        return False
    if isinstance(number, ipaddress.IPv6Address):
        for network, bits_behind in _EMBEDDING_NETWORKS:
            if number in network:
                inner = ipaddress.IPv4Address((int(number) >> bits_behind) & 0xFFFFFFFF)
                return is_public(inner)
        if (int(number) >> 32) & 0xFDFFFFFF == 0x00005EFE:  # ISATAP, RFC 5214
            return is_public(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF))
    if any(number.version == network.version and number in network for network in _REFUSED_NETWORKS):
        return False
    return number.is_global and not (
        number.is_private
        or number.is_loopback
        or number.is_link_local
        or number.is_multicast
        or number.is_reserved
        or number.is_unspecified
    )


def resolve_host(host: str, seconds: float) -> list[str]:
    """All IP addresses of a host, in the system's order of preference, without duplicates.

    Raises:
        NameUnknownError: there is no such name, or no answer within ``seconds``.
    """
    lookup = _lookups.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    try:
        found = lookup.result(timeout=seconds)
    except FutureTimeoutError:
        lookup.cancel()
        raise NameUnknownError(f"the name {host} was not resolved within {seconds:.0f} s") from None
    except (OSError, UnicodeError) as error:
        raise NameUnknownError(f"the name {host} does not resolve ({error})") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(
    host: str, *, allow_private_hosts: Collection[str], seconds: float, resolve: Resolver = resolve_host
) -> list[str]:
    """The addresses of ``host`` that may be connected to; hosts in ``allow_private_hosts`` may have any address.

    The host is refused if a single address is not public, because a genuine public site has no such address.

    Raises:
        AddressRefusedError: an address is not public.
        NameUnknownError: the host has no address.
    """
    name = host.lower().strip("[]").rstrip(".")
    addresses = resolve(name, seconds)
    if not addresses:
        raise NameUnknownError(f"the name {host} has no address")
    if name in allow_private_hosts:
        return addresses
    private = [address for address in addresses if not is_public(address)]
    if private:
        raise AddressRefusedError(
            f"{host} is at {private[0]}, which is not a public address; only public addresses may be read "
            "(set PROVISIONING_ALLOW_PRIVATE_HOSTS to allow it)"
        )
    return addresses
