"""Calls end: in time, in bytes, and after a few redirects."""

import gzip

import pytest

from charsu.kernel.outgoing import (
    Call,
    NotReached,
    OutgoingClient,
    Policy,
    Reply,
    ReplyBroken,
    ReplyTooLong,
    TooManyRedirects,
    TooSlow,
)

MEGABYTE = 1 << 20


def call(site, **options: object) -> Reply:
    policy = Policy.of("127.0.0.0/8", plain_http=True)
    return OutgoingClient().call(Call(url=site.url, **options), policy)


def test_a_reply_comes_back_with_its_status_headers_and_body(serve) -> None:
    site = serve(lambda visit: visit.say(418, b"short and stout", x_pot="tea"))
    reply = call(site, method="POST", body=b"{}", headers={"x-cup": "1"})

    assert (reply.status, reply.headers["x-pot"], reply.body) == (418, "tea", b"short and stout")
    assert site.visits[0].command == "POST"
    assert site.visits[0].headers["x-cup"] == "1"


def hundred_megabytes(visit) -> None:
    visit.send_response(200)
    visit.send_header("content-length", str(100 * MEGABYTE))
    visit.end_headers()
    visit.site.sent = 0
    try:
        for _ in range(100):
            visit.wfile.write(bytes(MEGABYTE))
            visit.site.sent += 1
    except OSError:
        visit.close_connection = True


def test_a_reply_of_100_megabytes_is_refused_long_before_its_end(serve) -> None:
    site = serve(hundred_megabytes)
    with pytest.raises(ReplyTooLong):
        call(site, reply_bytes=1000)

    assert site.sent < 50


def test_a_reply_of_100_megabytes_is_cut_where_the_rest_does_not_matter(serve) -> None:
    site = serve(hundred_megabytes)

    assert len(call(site, reply_bytes=1000, drops_rest=True).body) == 1000
    assert site.sent < 50


def silent(visit) -> None:
    visit.site.closing.wait()


def dripping(visit) -> None:
    visit.send_response(200)
    visit.send_header("content-length", "1000000")
    visit.end_headers()
    while not visit.site.closing.wait(0.01):
        visit.wfile.write(b".")


@pytest.mark.parametrize("answer", [silent, dripping])
def test_time_runs_for_the_whole_reply_not_for_each_byte(serve, answer) -> None:
    site = serve(answer)
    with pytest.raises(TooSlow):
        call(site, seconds=0.3)

    assert len(site.visits) == 1


def test_a_packed_reply_is_refused_unopened(serve) -> None:
    bomb = gzip.compress(bytes(10 * MEGABYTE))
    site = serve(lambda visit: visit.say(200, bomb, content_encoding="gzip"))
    with pytest.raises(ReplyBroken):
        call(site)

    assert site.visits[0].headers["accept-encoding"] == "identity"


def test_what_is_not_http_is_a_broken_reply(serve) -> None:
    def babble(visit) -> None:
        visit.wfile.write(b"\x16\x03\x01 nonsense\r\n\r\n")
        visit.close_connection = True

    with pytest.raises(ReplyBroken):
        call(serve(babble))


def test_where_nobody_listens_nothing_is_reached(serve) -> None:
    site = serve(silent)
    site.url = "http://127.0.0.1:1"
    with pytest.raises(NotReached):
        call(site)


def test_a_name_without_address_is_not_reached() -> None:
    async def unknown(_host: str, _port: int) -> list[object]:
        raise OSError("no such host")

    with pytest.raises(NotReached):
        OutgoingClient(resolve=unknown).call(Call(url="https://nowhere.example"), Policy())


def test_redirects_are_not_followed_unless_asked(serve) -> None:
    site = serve(lambda visit: visit.say(302, location="/next"))

    assert call(site).status == 302
    assert len(site.visits) == 1


def test_up_to_three_redirects_are_followed(serve) -> None:
    def countdown(visit) -> None:
        left = int(visit.path.strip("/") or 3)
        visit.say(302, location=f"/{left - 1}") if left else visit.say(200, b"home")

    assert call(serve(countdown), redirects=3).body == b"home"


def test_a_redirect_loop_ends(serve) -> None:
    site = serve(lambda visit: visit.say(302, location="/"))
    with pytest.raises(TooManyRedirects):
        call(site, redirects=99)

    assert len(site.visits) == 4


def test_the_body_of_a_redirect_is_not_read(serve) -> None:
    def heavy(visit) -> None:
        if visit.path == "/home":
            return visit.say(200, b"home")
        visit.send_response(302)
        visit.send_header("location", "/home")
        visit.send_header("content-length", str(100 * MEGABYTE))
        visit.end_headers()
        visit.site.closing.wait()
        return None

    assert call(serve(heavy), redirects=1).body == b"home"


def test_a_password_is_not_carried_to_another_host(serve) -> None:
    other = serve(lambda visit: visit.say(200))
    site = serve(lambda visit: visit.say(302, location=f"http://localhost:{other.port}/"))
    call(site, redirects=1, headers={"authorization": "Bearer abc"})

    assert "authorization" in site.visits[0].headers
    assert "authorization" not in other.visits[0].headers


def test_cookies_are_not_kept(serve) -> None:
    site = serve(
        lambda visit: (
            visit.say(302, location="/b", set_cookie="a=1; Path=/")
            if visit.path == "/"
            else visit.say(200)
        )
    )
    call(site, redirects=1)

    assert "cookie" not in site.visits[1].headers
