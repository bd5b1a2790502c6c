"""The same checkout with plain statements: what stands beside ``ucp_checkout``.

It makes the same promises: each request is answered once for its key, what is sold is held before a
provider is asked, the attempt is committed before that, and cart, session, payment, order, effects
and facts are as the hub leaves them; that is checked, ids and times aside. It goes straight to the
point: one channel, one way of delivery, one rate of tax. There is no permission, no check of what
the platform sent, no discount, no refusal, no signature, and no line in a log.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
from litestar import Litestar, Request, Response, post, put
from msgspec import Struct
from psycopg_pool import ConnectionPool

from bench.checkout_statements import (
    BEGIN,
    CREATE,
    GOODS,
    LOCK,
    LOCK_ALL,
    OPEN,
    ORDER,
    ROWS,
    TAKE,
    UPDATE,
)
from bench.place_order import new_id
from bench.stocked import Stocked
from charsu.kernel import read_id, show_id

Row = tuple[Any, ...]
Run = Callable[..., Any]
DELIVERY_MINOR = 500
BASE = "/ucp/2026-04-08/checkout-sessions"


class Goods(Struct, frozen=True):
    """One variant as it is sold now."""

    id: UUID
    sku: str
    title: str
    amount_minor: int
    account: UUID


class Seen(Struct, frozen=True):
    """A session and the cart that it is about."""

    id: UUID
    cart: UUID
    line: UUID
    goods: Goods


class ByHand:
    """The desk: one method for each request."""

    def __init__(self, pool: ConnectionPool[Any], shop: Stocked, platform: UUID) -> None:
        self._pool, self._shop, self._platform = pool, shop, platform

    @contextmanager
    def _opened(self, operation: str, key: str) -> Iterator["_Desk"]:
        with self._pool.connection() as connection:
            desk = _Desk(connection, self._platform, operation, key)
            yield desk
            connection.commit()

    def create(self, key: str, wish: Any) -> Any:
        with self._opened("ucp.open_session", key) as desk:
            goods = desk.goods(read_id("var", wish["line_items"][0]["item"]["id"]), self._shop)
            made = Seen(new_id(), new_id(), new_id(), goods)
            desk.say("shopping.cart_opened", made.cart, 1, owner_kind="guest")
            desk.say("shopping.cart_replaced", made.cart, 2, kind="ship", lines=1, codes=0)
            desk.say("channels.ucp_session_opened", made.id, 1, kind="checkout")
            desk.write(
                CREATE,
                **_of(made),
                owner=new_id(),
                channel=self._shop.channel,
                **_person(wish["buyer"]),
                seen=goods.amount_minor,
                answer=json.dumps({"session_id": str(made.id)}),
            )
        return _shown(made, "incomplete", 0)

    def update(self, key: str, name: str, wish: Any) -> Any:
        with self._opened("ucp.replace_session", key) as desk:
            seen = desk.session(read_id("chk", name), self._shop)
            home = wish["fulfillment"]["methods"][0]["destinations"][0]
            desk.say("shopping.cart_replaced", seen.cart, 3, kind="ship", lines=1, codes=0)
            desk.say("channels.ucp_session_replaced", seen.id, 2, lines=1)
            desk.write(
                UPDATE,
                **_of(seen),
                **_person(wish["buyer"]),
                **_address(home),
                total=seen.goods.amount_minor + DELIVERY_MINOR,
                answer=json.dumps({"session_id": str(seen.id)}),
            )
        return _shown(seen, "ready_for_complete", DELIVERY_MINOR)

    def complete(self, key: str, name: str) -> Any:
        with self._opened("ucp.complete_session", key) as desk:
            seen = desk.session(read_id("chk", name), self._shop)
            total = seen.goods.amount_minor + DELIVERY_MINOR
            payment = new_id()
            hold = {"hold": new_id(), "account": seen.goods.account}
            taken = desk.run(TAKE, **_of(seen), **hold).fetchone()
            assert taken == (1,)
            desk.say("orders.payment_asked", payment, 1, amount_minor=total, currency="EUR")
            desk.say("shopping.cart_payment_begun", seen.cart, 4, authorization_id=str(payment))
            desk.say("channels.ucp_session_paying", seen.id, 3, authorization_id=str(payment))
            desk.write(BEGIN, **_of(seen), payment=payment, total=total, answer="{}")
        reference = f"test_{payment.hex[:24]}"  # here the provider is asked
        with self._pool.connection() as connection:
            return self._order(
                _Desk(connection, self._platform, "shopping.payment_answered", ""),
                seen,
                payment,
                reference,
                total,
            )

    def _order(self, desk: "_Desk", seen: Seen, payment: UUID, reference: str, total: int) -> Any:
        assert desk.run(LOCK_ALL, **_of(seen), payment=payment).fetchone()
        order = new_id()
        placed = {"kind": "ship", "lines": 1, "currency": "EUR", "total_minor": total}
        where = {"location_ids": [str(self._shop.location)], "customer_id": None}
        desk.say("orders.order_placed", order, 1, **placed, **where)
        desk.say("shopping.cart_ordered", seen.cart, 5, order_id=str(order), total_minor=total)
        desk.say("orders.payment_authorized", payment, 2, amount_minor=total, currency="EUR")
        desk.say("orders.payment_joined", payment, 3, order_id=str(order))
        desk.say("channels.ucp_session_completed", seen.id, 4, order_id=str(order))
        ids = {"order": order, "order_line": new_id(), "task": new_id(), "part": new_id()}
        tax = _tax(total)
        amounts = {"total": total, "amount": seen.goods.amount_minor, "tax": tax}
        taxes = {"line_tax": _tax(seen.goods.amount_minor)}
        taxes["delivery_tax"] = tax - taxes["line_tax"]
        goods = {"variant": seen.goods.id, "sku": seen.goods.sku, "title": seen.goods.title}
        made = {"payment": payment, "reference": reference, "delivery": DELIVERY_MINOR}
        where = {"channel": self._shop.channel, "location": self._shop.location}
        number = desk.run(
            ORDER, **_of(seen), **ids, **amounts, **taxes, **goods, **made, **where, **desk.facts()
        ).fetchone()
        desk.connection.commit()
        shown = _shown(seen, "completed", DELIVERY_MINOR)
        return {**shown, "order": {"id": show_id("ord", order), "number": number[0]}}


def app(conninfo: str, shop: Stocked, *, connections: int, threads: int) -> Litestar:
    """Three addresses, as platforms use them."""
    pool = ConnectionPool(
        conninfo,
        min_size=connections,
        kwargs={"prepare_threshold": 2, "options": "-c jit=off"},
        open=True,
    )
    with pool.connection() as connection:
        (platform,) = connection.execute("SELECT id FROM ucp.platforms").fetchone()
    desk, workers = ByHand(pool, shop, platform), ThreadPoolExecutor(threads)

    async def answered(request: Request[Any, Any, Any], work: Run, *given: Any) -> Response[bytes]:
        key = request.headers["idempotency-key"]
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(workers, work, key, *given)
        return Response(msgspec.json.encode(answer), status_code=200, media_type="application/json")

    @post(BASE)
    async def create(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await answered(request, desk.create, msgspec.json.decode(await request.body()))

    @put(f"{BASE}/{{name:str}}")
    async def update(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
        wish = msgspec.json.decode(await request.body())
        return await answered(request, desk.update, name, wish)

    @post(f"{BASE}/{{name:str}}/complete")
    async def complete(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
        msgspec.json.decode(await request.body())
        return await answered(request, desk.complete, name)

    return Litestar([create, update, complete], openapi_config=None, logging_config=None)


def rows(conninfo: str) -> dict[str, list[Row]]:
    """The kinds of rows that a shop's checkouts have left behind."""
    with psycopg.connect(conninfo) as connection:
        return {
            name: sorted(connection.execute(statement).fetchall(), key=str)
            for name, statement in ROWS.items()
        }


class _Desk:
    """One transaction by hand, with the facts that it is to tell."""

    def __init__(
        self, connection: psycopg.Connection[Any], actor: UUID, operation: str, key: str
    ) -> None:
        self.connection = connection
        self._who = {"actor": actor, "operation": operation, "key": key}
        self._facts: list[tuple[UUID, str, UUID, int, str]] = []
        opened = self.run(OPEN, lock=hash(key), **self._who).fetchone()
        assert opened and opened[2] is None, "no request comes twice here"

    def run(self, statement: str, **values: Any) -> psycopg.Cursor[Any]:
        return self.connection.execute(statement, values)  # type: ignore[call-overload]

    def goods(self, variant: UUID, shop: Stocked) -> Goods:
        row: Row = self.run(GOODS, id=variant, channel=shop.channel).fetchone()  # type: ignore[assignment]
        return Goods(*row)

    def session(self, session: UUID, shop: Stocked) -> Seen:
        """The session and its cart, locked, and what is in it as it is sold now."""
        row: Row = self.run(LOCK, session=session).fetchone()  # type: ignore[assignment]
        return Seen(session, row[0], row[1], self.goods(row[2], shop))

    def say(self, name: str, subject: UUID, version: int, **body: Any) -> None:
        self._facts.append((new_id(), name, subject, version, json.dumps(body)))

    def write(self, statement: str, **values: Any) -> None:
        """The last statement of a request: with its effect and its facts."""
        self.run(statement, **values, **self.facts(), key=self._who["key"], digest=uuid4().bytes)

    def facts(self) -> dict[str, Any]:
        ids, names, subjects, versions, bodies = map(list, zip(*self._facts, strict=True))
        columns = {"ids": ids, "names": names, "subjects": subjects, "versions": versions}
        who = {name: self._who[name] for name in ("actor", "operation")}
        return {**columns, "bodies": f"[{','.join(bodies)}]", **who}


def _of(seen: Seen) -> dict[str, UUID]:
    return {"session": seen.id, "cart": seen.cart, "line": seen.line, "variant_id": seen.goods.id}


def _person(buyer: Any) -> dict[str, Any]:
    name = f"{buyer['first_name']} {buyer['last_name']}"
    return {"person": json.dumps(buyer), "name": name, "email": buyer["email"]}


def _address(home: Any) -> dict[str, Any]:
    street, town = home["street_address"], home["address_locality"]
    return {
        "address": json.dumps(home),
        "street": street,
        "town": town,
        "postcode": home["postal_code"],
    }


def _tax(total: int) -> int:
    """What of it is tax of 20 %, in minor units; half up."""
    return (2 * total * 200_000 + 1_200_000) // 2_400_000


def _shown(seen: Seen, status: str, delivery: int) -> Any:
    """The checkout as a platform is told of it, with what counts."""
    amount = seen.goods.amount_minor
    totals = [("subtotal", amount), ("fulfillment", delivery), ("total", amount + delivery)]
    item = {"id": show_id("var", seen.goods.id), "title": seen.goods.title, "price": amount}
    return {
        "id": show_id("chk", seen.id),
        "status": status,
        "currency": "EUR",
        "line_items": [{"id": show_id("lin", seen.line), "item": item, "quantity": 1}],
        "totals": [{"type": kind, "amount": value} for kind, value in totals],
    }
