"""Which addresses belong to everybody, and which lead inside.

Source: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its updates).
"""

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_INNER_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this host
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by a carrier's customers; some clouds keep secrets here
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # looks public; inside Azure it is the host of the machine
            "169.254.0.0/16",  # link-local, where clouds hand out credentials
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays from IPv6, withdrawn
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)

_GLOBAL_6 = IPv6Network("2000::/3")  # all that has been given out so far
_INNER_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, with tunnels through IPv4 (Teredo)
            "2001:db8::/32",  # documentation
            "2002::/16",  # tunnels that carry an IPv4 address (6to4)
            "3fff::/20",  # documentation
        ),
    )
)

_NAT64 = IPv6Network("64:ff9b::/96")  # how a network without IPv4 reaches it (RFC 6052)


def read_address(text: str) -> Address:
    """An address as the system's resolver writes it. Raises ValueError for anything else."""
    return ip_address(text.partition("%")[0])


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet.

    False for everything that could lead to this machine, its neighbours or the network it stands
    in. An IPv6 address that stands for an IPv4 address is as public as that one.
    """
    address = _plain(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _INNER_4)
    return address in _GLOBAL_6 and not any(address in network for network in _INNER_6)


def _plain(address: Address) -> Address:
    """The IPv4 address behind a mapped or translated one; any other address as it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_within(address: Address, network: Network) -> bool:
    """Whether the network holds the address, in whichever family it is written."""
    plain = _plain(address)
    return plain.version == network.version and plain in network
