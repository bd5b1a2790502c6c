"""No call gets inside, however the address is written, moved or passed on."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_address

import httpx
import pytest

from charsu.kernel.outgoing import (
    AddressForbidden,
    Call,
    GuardedTransport,
    NotReached,
    OutgoingClient,
    Policy,
    UrlRefused,
)
from charsu.kernel.outgoing.addresses import Address

# Each of these leads to this machine where nothing stops it.
LOOPBACK = ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001"]
LOOPBACK += ["0", "0.0.0.0", "localhost", "LOCALHOST", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"]

# These lead to neighbours, to what a cloud tells its machines, or are read differently elsewhere.
ELSEWHERE = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "2852039166", "0xa9fea9fe"]
ELSEWHERE += ["0251.0376.0251.0376", "100.100.100.200", "168.63.129.16", "224.0.0.1"]
ELSEWHERE += ["255.255.255.255", "[::]", "[::1]", "[::127.0.0.1]", "[fe80::1]", "[fe80::1%25lo]"]
ELSEWHERE += ["[fd00:ec2::254]", "[ff02::1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]"]
ELSEWHERE += ["[2002:7f00:1::]", "[2001::1]", "127.000.000.001", "0177.0.0.1", "localhost."]
ELSEWHERE += [
    "127.0.0.2",
    "127.127.127.127",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127.0.0.1%2f",
    "example.com@127.0.0.1",
]

ANY_HTTP = Policy.of(plain_http=True)
ENTRIES = ["127.0.0.0/8", "127.0.0.1", "{place}", "inside", "inside:{port}"]
EVERYWHERE = Policy.of("0.0.0.0/0", "::/0", plain_http=True)


def always(*addresses: str) -> Callable[[str, int], object]:
    async def resolve(_host: str, _port: int) -> list[Address]:
        return list(map(ip_address, addresses))

    return resolve


@pytest.mark.parametrize("host", LOOPBACK + ELSEWHERE)
def test_an_inner_address_is_not_called_however_it_is_written(site, host: str) -> None:
    with pytest.raises((AddressForbidden, UrlRefused, NotReached)):
        OutgoingClient().call(Call(url=f"http://{host}:{site.port}/"), ANY_HTTP)

    assert site.visits == []


def test_without_the_guard_these_forms_do_get_inside(site) -> None:
    for host in LOOPBACK:
        OutgoingClient().call(Call(url=f"http://{host}:{site.port}/"), EVERYWHERE)

    assert len(site.visits) == len(LOOPBACK)
    print(f"reached inside without the guard: {len(site.visits)} of {len(LOOPBACK)} forms")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/1",
        "ftp://shop.example/",
        "unix:/run/docker.sock",
        "//shop.example/",
        "/feed.xml",
        "https://",
        "https://user:word@shop.example/",
        "https://shop.example:99999/",
        "https://[shop.example/",
        "https://" + "a" * 3000,
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        OutgoingClient().call(Call(url=url), ANY_HTTP)


def test_plain_http_needs_a_setting(site) -> None:
    with pytest.raises(UrlRefused, match="https://"):
        OutgoingClient().call(Call(url=site.url), Policy.of(site.place))

    assert site.visits == []


def test_a_name_that_moves_inside_between_two_calls_is_refused(serve) -> None:
    """The second lookup leads to a neighbour of the address that is open."""
    site = serve(lambda visit: visit.say(200, b"hello"))
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    asked = []

    async def rebind(host: str, _port: int) -> list[Address]:
        asked.append(host)
        return list(map(ip_address, next(answers)))

    client = OutgoingClient(resolve=rebind)
    call = Call(url=f"http://moving.example:{site.port}/")
    assert client.call(call, Policy.of(site.place, plain_http=True)).body == b"hello"
    assert asked == ["moving.example"]  # once: no second lookup between the check and the call
    with pytest.raises(AddressForbidden):
        client.call(call, Policy.of(site.place, plain_http=True))

    assert len(site.visits) == 1


def test_a_name_with_one_public_and_one_inner_address_is_refused(site) -> None:
    client = OutgoingClient(resolve=always("8.8.8.8", "127.0.0.1"))
    with pytest.raises(AddressForbidden):
        client.call(Call(url=f"http://both.example:{site.port}/"), ANY_HTTP)

    assert site.visits == []


def test_a_redirect_to_the_inside_is_not_followed(serve) -> None:
    inner = serve(lambda visit: visit.say(200, b"secret"))
    outer = serve(lambda visit: visit.say(302, location=inner.url))
    with pytest.raises(AddressForbidden):
        OutgoingClient().call(
            Call(url=outer.url, redirects=3), Policy.of(outer.place, plain_http=True)
        )

    assert len(outer.visits) == 1
    assert inner.visits == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://"])
def test_a_redirect_to_another_scheme_is_not_followed(serve, location: str) -> None:
    outer = serve(lambda visit: visit.say(302, location=location))
    with pytest.raises((UrlRefused, AddressForbidden)):
        OutgoingClient().call(
            Call(url=outer.url, redirects=3), Policy.of(outer.place, plain_http=True)
        )


def test_a_library_that_follows_redirects_by_itself_is_guarded_too(serve) -> None:
    inner = serve(lambda visit: visit.say(200, b"secret"))
    outer = serve(lambda visit: visit.say(302, location=inner.url))

    async def browse() -> None:
        transport = GuardedTransport(Policy.of(outer.place, plain_http=True))
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
            await client.get(outer.url)

    with pytest.raises(AddressForbidden):
        asyncio.run(browse())
    assert inner.visits == []


@pytest.mark.parametrize(
    "entry", ["127.0.0.0/8", "127.0.0.1", "{place}", "inside", "inside:{port}"]
)
def test_the_allow_list_opens_what_it_names(site, entry: str) -> None:
    policy = Policy.of(entry.format(place=site.place, port=site.port), plain_http=True)
    client = OutgoingClient(resolve=always("127.0.0.1"))

    assert client.call(Call(url=f"http://inside:{site.port}/"), policy).body == b"hello"


@pytest.mark.parametrize("entry", ["10.0.0.0/8", "127.0.0.1:1", "inside:1", "other", "", "[", "::"])
def test_the_allow_list_opens_nothing_else(site, entry: str) -> None:
    client = OutgoingClient(resolve=always("127.0.0.1"))
    with pytest.raises(AddressForbidden):
        client.call(Call(url=f"http://inside:{site.port}/"), Policy.of(entry, plain_http=True))

    assert site.visits == []


def test_proxies_of_the_environment_are_not_asked(site, serve, monkeypatch) -> None:
    proxy = serve(lambda visit: visit.say(200, b"from the proxy"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    reply = OutgoingClient().call(Call(url=site.url), Policy.of(site.place, plain_http=True))

    assert reply.body == b"hello"
    assert proxy.visits == []
