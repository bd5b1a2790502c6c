"""A platform that signs who it is at the authorization server, and everything that is no proof."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from charsu.identity import PublicKey, ReplacePlatformProof, replace_platform_proof
from charsu.kernel import SYSTEM

from .browser import BACK, ISSUER, SECRET, VERIFIER, Browser

pytestmark = pytest.mark.slow

TOKEN = f"{ISSUER}/oauth2/token"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EC, RSA = ECKey.generate_key("P-256", {"kid": "ec"}), RSAKey.generate_key(2048, {"kid": "rsa"})


@pytest.fixture
def signer(browser: Browser) -> Iterator[Browser]:
    """The platform has keys now."""
    public = [key.as_dict(private=False) for key in (EC, RSA)]
    keys = msgspec.convert(
        [
            {name: one[name] for name in one.keys() & {"kty", "kid", "crv", "x", "y", "n", "e"}}
            for one in public
        ],
        tuple[PublicKey, ...],
    )
    ask = ReplacePlatformProof(linked_platform_id=UUID(browser.name), keys=keys)
    browser.market.hub.run(replace_platform_proof, ask, actor=SYSTEM)
    yield browser


def claims(browser: Browser, **more: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {
        "iss": browser.name,
        "sub": browser.name,
        "aud": ISSUER,
        "exp": now + 60,
        "iat": now,
        "jti": str(uuid4()),
    }
    return {name: value for name, value in (said | more).items() if value is not None}


def signed(said: dict[str, Any], key: Any = EC, alg: str = "ES256", **header: Any) -> str:
    head = {"alg": alg, "kid": key.kid} | header
    return jwt.encode(head, said, key, algorithms=[alg])


def shows(browser: Browser, word: str, path: str = "token", **more: str) -> Any:
    said = {
        "grant_type": "refresh_token",
        "refresh_token": "x",
        "client_assertion_type": TYPE,
        "client_assertion": word,
    }
    return browser.client.post(f"/oauth2/{path}", data=said | more)


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES256"), (RSA, "PS256"), (RSA, "RS256")])
def test_a_platform_that_signs_gets_tokens(signer: Browser, key: Any, alg: str) -> None:
    code = signer.agrees()["code"]
    said = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }

    taken = shows(signer, signed(claims(signer), key, alg), **said)
    token = taken.json()["refresh_token"]
    renewed = shows(signer, signed(claims(signer, aud=TOKEN), key, alg), refresh_token=token)
    back = shows(
        signer,
        signed(claims(signer, aud=[f"{ISSUER}/oauth2/revoke"]), key, alg),
        "revoke",
        token=renewed.json()["refresh_token"],
    )

    assert (taken.status_code, renewed.status_code, back.status_code) == (200, 200, 200)
    gone = shows(signer, signed(claims(signer)), refresh_token=renewed.json()["refresh_token"])
    assert gone.json()["error"] == "invalid_grant"


def test_what_a_client_library_signs_is_understood(signer: Browser) -> None:
    word = private_key_jwt_sign(EC, signer.name, TOKEN, alg="ES256", header={"kid": "ec"})

    assert shows(signer, word).json()["error"] == "invalid_grant", "known, and has no such token"


def test_a_word_is_good_once(signer: Browser) -> None:
    word = signed(claims(signer))

    assert shows(signer, word).json()["error"] == "invalid_grant"
    again = shows(signer, word)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


STRANGER = ECKey.generate_key("P-256", {"kid": "ec"})

AHEAD = int(time.time()) + 3600

WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": None},
    {"iss": "somebody"},
    {"sub": None},
    {"sub": 7},
    {"sub": "00000000-0000-0000-0000-000000000000"},
    {"aud": None},
    {"aud": "https://evil.example"},
    {"aud": f"{ISSUER}/"},
    {"aud": [ISSUER, "https://evil.example"]},
    {"aud": []},
    {"aud": {"a": ISSUER}},
    {"exp": None},
    {"exp": 1},
    {"exp": "soon"},
    {"exp": True},
    {"exp": float("nan")},
    {"exp": float("inf")},
    {"exp": 1e300},
    {"exp": AHEAD + 82_800},
    {"nbf": AHEAD},
    {"iat": AHEAD},
    {"jti": None},
    {"jti": 7},
    {"jti": "x" * 300},
]


@pytest.mark.parametrize("wrong", WRONG_CLAIMS)
def test_a_word_says_of_whom_for_whom_and_until_when(
    signer: Browser, wrong: dict[str, Any]
) -> None:
    answer = shows(signer, signed(claims(signer, **wrong)))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(browser: Browser) -> str:
    return f"{part({'alg': 'none'})}.{part(claims(browser))}."


def by_the_public_key_as_a_secret(browser: Browser) -> str:
    """The oldest trick: what everybody has is taken for a shared secret."""
    text = f"{part({'alg': 'HS256', 'kid': 'ec'})}.{part(claims(browser))}"
    made = hmac.digest(EC.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{part(made)}"


def with_another_payload(browser: Browser) -> str:
    head, _, signature = signed(claims(browser)).split(".")
    return f"{head}.{part(claims(browser))}.{signature}"


WRONG_WORDS: dict[str, Callable[[Browser], str]] = {
    "another's key": lambda b: signed(claims(b), STRANGER),
    "no key of ours": lambda b: signed(claims(b), kid="another"),
    "no key named": lambda b: jwt.encode({"alg": "ES256"}, claims(b), EC),
    "key in the word": lambda b: signed(
        claims(b), STRANGER, kid="new", jwk=STRANGER.as_dict(private=False)
    ),
    "unsigned": unsigned,
    "public key as secret": by_the_public_key_as_a_secret,
    "another payload": with_another_payload,
    "kind of the other key": lambda b: signed(claims(b), RSA, "RS256", kid="ec"),
    "nothing": lambda _: "x",
    "dots": lambda _: "..",
    "no object": lambda _: f"{part([])}.{part([])}.x",
    "deep": lambda _: f"{part({'alg': 'ES256'})}.{part(b'[' * 3000)}.x",
    "no letters": lambda _: f"{part(bytes([255]))}.{part({})}.x",
    "long": lambda b: signed(claims(b, more="x" * 6000)),
    "strange letters": lambda _: "\u0416.\u0416.\u0416",
}


@pytest.mark.parametrize("wrong", WRONG_WORDS)
def test_nothing_else_is_a_proof(signer: Browser, wrong: str) -> None:
    answer = shows(signer, WRONG_WORDS[wrong](signer))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


def test_a_platform_that_signs_has_no_other_way(signer: Browser) -> None:
    said = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": signer.name}

    plain = signer.client.post("/oauth2/token", data=said)
    secret = signer.client.post("/oauth2/token", data=said | {"client_secret": SECRET})

    assert plain.status_code == 401 and secret.status_code == 401


def test_a_platform_with_a_secret_signs_nothing(browser: Browser) -> None:
    answer = shows(browser, signed(claims(browser)))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_the_clock_is_the_hubs(signer: Browser) -> None:

    signer.market.hub.offset += timedelta(days=2)

    late = shows(signer, signed(claims(signer)))
    now = shows(signer, signed(claims(signer, exp=int(time.time()) + 2 * 86_400 + 60)))

    assert late.json()["error"] == "invalid_client"
    assert now.json()["error"] == "invalid_grant"


def test_the_metadata_names_the_way(browser: Browser) -> None:
    about = browser.client.get("/.well-known/oauth-authorization-server").json()

    assert about["token_endpoint_auth_methods_supported"][0] == "private_key_jwt"
    assert "ES256" in about["token_endpoint_auth_signing_alg_values_supported"]
