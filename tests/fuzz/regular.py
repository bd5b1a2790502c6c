"""A caller who knows the shop: generated requests, pointed at things that are there.

What schemathesis makes fits the description, yet an id by chance is nobody's, and most of what it
asks would end at "there is no such order". So every field that points at something gets something
that is there, and what can be done only once (to refund, to hand over) gets a thing of its own.
"""

import itertools
import re
from collections.abc import Callable
from typing import Any

import msgspec

from charsu.kernel import SYSTEM, Hub
from tests.shop import Shop

Fields = dict[str, Any]
PLENTY = 1_000_000
ELSEWHERE = ("after", "revision")  # the marks of other answers
SAID_BEFORE = ("if-match", "idempotency-key")  # as those: right only with what came before


class Regular:
    """Knows what is in one shop."""

    def __init__(self, hub: Hub) -> None:
        self.shop = Shop(hub)
        self.shop.has("mug", PLENTY, at="north")
        self.shop.has("mug", PLENTY, at="south")
        self.shop.costs("mug", 1200)
        self._numbers = itertools.count(1)
        self._endpoint_id = ""
        self.store = str(self.shop.locations["north"])
        self.variant = str(self.shop.variants["mug"])
        self.channel = str(self.shop.channels["web"])
        self.customer = str(
            self.do("customers.put_customer", customer=self._somebody()).customer_id
        )
        self._pointed: Fields = {
            "channel_id": self.channel,
            "channel_ids": [self.channel],
            "channels": ["web"],
            "location_id": self.store,
            "location_ids": [self.store, str(self.shop.locations["south"])],
            "variant_id": self.variant,
            "variant_ids": [self.variant],
            "customer_id": self.customer,
            "sku": "mug",
            "currency": "EUR",
            "country": "RS",
            "time_zone": "Europe/Belgrade",
            "tax_class": "standard",
            "role": "analyst",
            "parent": None,
            "category": None,
            "codes": [],
            "delivery_method": None,
            "channel": "web",
            "handle": "mug",
            "actor_id": None,
        }

    def do(self, verb: str, **fields: Any) -> Any:
        """Run an operation by its name."""
        operation = self.shop.hub.operations[verb]
        ask = msgspec.convert(fields, operation.ask_type, strict=False)
        return self.shop.hub.run(operation, ask, actor=SYSTEM)

    def point(self, name: str, case: Any) -> None:
        """Let a generated request for this operation speak of what there is."""
        own = self._things().get(name, dict)()
        for header in [one for one in case.headers or {} if one.lower() in SAID_BEFORE]:
            del case.headers[header]
        in_path = set(re.findall("{([^}]+)}", case.path))
        if case.path_parameters:
            case.path_parameters.update(self._known(dict(case.path_parameters)))
        if case.query:
            case.query = self._without_marks(self._known(dict(case.query)))
        if isinstance(case.body, dict):
            case.body = self._without_marks(self._known(case.body))
        for field, value in own.items():
            if field in in_path:
                case.path_parameters[field] = value
            elif isinstance(case.body, dict):
                case.body[field] = value
            else:
                case.query = {**(case.query or {}), field: value}

    def supply(self, case: Any) -> None:
        """Let the body and query of a request speak of what there is, where its address is found.

        What stands in the address is left: a walk has brought it along.
        """
        if case.query:
            case.query = self._without_marks(self._known(dict(case.query)))
        if isinstance(case.body, dict):
            case.body = self._without_marks(self._known(case.body))
        for header in [one for one in case.headers or {} if one.lower() == "if-match"]:
            del case.headers[header]

    def _known(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._known(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {name: self._pointed.get(name, self._known(one)) for name, one in value.items()}

    def _without_marks(self, fields: Fields) -> Fields:
        return {name: value for name, value in fields.items() if name not in ELSEWHERE}

    def _things(self) -> dict[str, Callable[[], Fields]]:
        """What each operation needs of its own, made when it is asked for."""
        line = {"variant_id": self.variant, "quantity": 2}
        pieces = [{"sku": "mug", "pieces": 1}]
        return {
            "access.account": lambda: {"account_id": self.account()},
            "access.create_account": lambda: {"email": self._email()},
            "access.disable_account": lambda: {"account_id": self.account()},
            "access.enable_account": lambda: {"account_id": self.account()},
            "access.invite": lambda: {"account_id": self.account(), "token_digest": self._digest()},
            "access.issue_key": self._key,
            "access.grant_role": lambda: {"account_id": self.account(), "location_id": None},
            "access.revoke_role": lambda: {"grant_id": self.grant()},
            "access.revoke_key": lambda: {"key_id": self._made("access.issue_key", "key_id")},
            "catalog.put_product": lambda: {"product": self._product()},
            "catalog.archive_product": lambda: {"handle": self.product()},
            "catalog.find_variant": lambda: {"code": "mug"},
            "catalog.put_category": lambda: {"titles": {"en": "Cups"}, "code": self._name("cat")},
            "catalog.put_channel": lambda: {"code": self._name("channel")},
            "catalog.put_synonyms": lambda: {"language": "en", "groups": [["mug", "cup"]]},
            "catalog.set_listing": lambda: {"texts": {}},
            "catalog.search": lambda: {"text": "mug", "language": "en"},
            "catalog.list_products": lambda: {"language": "en"},
            "customers.put_customer": lambda: {"customer": self._somebody()},
            "customers.view": lambda: {"customer_id": self.customer},
            "customers.find": lambda: {"text": "somebody"},
            "orders.put_delivery_method": self._delivery_method,
            "orders.place": lambda: (
                {"kind": "ship", "lines": [line], "external_id": None}
                | {"expected_total_minor": None, "destination": None}
            ),
            "orders.read": lambda: {"order_id": self.order()},
            "orders.history": lambda: {"order_id": self.order()},
            "orders.recipient": lambda: {"order_id": self.order(recipient={"name": "Ana"})},
            "orders.cancel": lambda: {"order_id": self.order(), "lines": []},
            "orders.pay": lambda: (
                {"order_id": self.order(), "amount_minor": 100} | {"reference": self._name("pay")}
            ),
            "orders.charge": lambda: (
                {"order_id": self.order(), "amount_minor": 100} | {"token": "tok_visa"}
            ),
            "orders.refund": self._refund,
            "orders.return": self._return,
            "orders.ship": lambda: {"fulfillment_id": self.task(), "lines": []},
            "orders.reroute": lambda: {"fulfillment_id": self.task()},
            "orders.make_ready": lambda: {"fulfillment_id": self.task(kind="pickup")},
            "orders.hand_over": lambda: {"fulfillment_id": self.task(kind="pickup"), "lines": []},
            "pricing.explain": lambda: {"groups": [], "quantity": 1},
            "pricing.open_price_list": lambda: {"tax_mode": None},
            "pricing.put_coupon": lambda: {"coupon": self._coupon()},
            "pricing.read_coupon": lambda: {"code": self.coupon()},
            "pricing.put_prices": lambda: {
                "prices": [{"variant_id": self.variant, "amount_minor": 1200}]
            },
            "pricing.put_tax_rates": lambda: {
                "rates": [{"tax_class": "standard", "rate_ppm": 200_000}]
            },
            "shopping.open": lambda: {"customer_id": self._customer()},
            "shopping.read": lambda: {"cart_id": self.cart()},
            "shopping.read_recipient": lambda: {"cart_id": self.cart()},
            "shopping.put_line": lambda: {"cart_id": self.cart(), "quantity": 1},
            "shopping.remove_line": lambda: {"cart_id": self.cart()},
            "shopping.add_code": lambda: {"cart_id": self.cart(), "code": self.coupon()},
            "shopping.remove_code": self._cart_with_code,
            "shopping.set_delivery": lambda: {
                "cart_id": self.cart(),
                "kind": "pickup",
                "location_id": self.store,
                "destination": None,
                "recipient": {"name": "Ana", "email": "ana@shop.example"},
            },
            "settings.change": lambda: {"name": "stock.shortage_hours", "value": 6},
            "shopping.replace": lambda: {
                "cart_id": self.cart(),
                "lines": [{"variant_id": self.variant, "quantity": 1}],
                "country": "RS",
                "kind": "ship",
                "codes": [],
                "location_id": None,
                "delivery_method": None,
                "destination": None,
                "recipient": {"name": "Ana", "email": "ana@shop.example"},
            },
            "shopping.abandon": lambda: {"cart_id": self.cart()},
            "shopping.see_prices": lambda: {"cart_id": self.cart()},
            "shopping.hold": lambda: {"cart_id": self.cart()},
            "shopping.release": lambda: {"cart_id": self.held_cart()},
            "shopping.complete": self._ready_cart,
            "stock.receive": lambda: {"lines": pieces},
            "stock.write_off": lambda: {"lines": pieces},
            "stock.set_aside": lambda: (
                {"lines": pieces, "was": "on_hand"} | {"becomes": "quarantine"}
            ),
            "stock.allocate": lambda: {"lines": pieces, "give_back": False},
            "stock.count": lambda: (
                {"lines": [{"sku": "mug", "on_hand": PLENTY}]} | {"counted_at": None}
            ),
            "stock.put_location": lambda: {"code": self._name("store"), "hours": []},
            "webhooks.add_endpoint": self._endpoint,
            "webhooks.change_endpoint": lambda: {"endpoint_id": self.endpoint()} | self._endpoint(),
            "webhooks.replay": lambda: (
                {"endpoint_id": self.endpoint(), "fact_id": None} | {"since": None, "dead": True}
            ),
            **{
                f"webhooks.{verb}": lambda: {"endpoint_id": self.endpoint()}
                for verb in (
                    *("deliveries", "pause_endpoint", "resume_endpoint"),
                    *("rotate_secret", "secret"),
                )
            },
        }

    # things of one's own

    def fill(self) -> None:
        """One of each, so that lists have something to lead to."""
        for make in (self.order, self.task, self.cart, self.product, self.account, self.endpoint):
            make()

    def account(self) -> str:
        return self._made("access.create_account", "account_id", email=self._email(), name="Mila")

    def grant(self) -> str:
        return self._made("access.grant_role", "grant_id", account_id=self.account(), role="picker")

    def order(self, **more: Any) -> str:
        return self._made(
            "orders.place",
            "order_id",
            channel_id=self.channel,
            country="RS",
            lines=[{"variant_id": self.variant, "quantity": 2}],
            **more,
        )

    def task(self, kind: str = "ship") -> str:
        place = self.shop.locations["north"] if kind == "pickup" else None
        placed = self.shop.buys(mug=2, kind=kind, location_id=place)
        return str(self.shop.order(placed).fulfillments[0].id)

    def product(self) -> str:
        product = self._product()
        self.do("catalog.put_product", product=product)
        return str(product["handle"])

    def coupon(self) -> str:
        coupon = self._coupon()
        self.do("pricing.put_coupon", coupon=coupon)
        return str(coupon["code"])

    def cart(self) -> str:
        cart = self._made(
            "shopping.open", "cart_id", channel_id=self.channel, customer_id=self._customer()
        )
        self.do("shopping.put_line", cart_id=cart, variant_id=self.variant, quantity=2)
        return cart

    def held_cart(self) -> str:
        cart = self.cart()
        self.do("shopping.hold", cart_id=cart)
        return cart

    def endpoint(self) -> str:
        """One for all: a shop has only so many."""
        if not self._endpoint_id:
            made = self._made("webhooks.add_endpoint", "endpoint_id", **self._endpoint())
            self._endpoint_id = made
        return self._endpoint_id

    def _made(self, operation: str, field: str, **fields: Any) -> str:
        fields = fields or self._things()[operation]()
        if operation == "access.issue_key":
            fields["label"] = "till"
        return str(getattr(self.do(operation, **fields), field))

    def _paid(self) -> tuple[str, str]:
        """An order that was paid and sent, and its line."""
        placed = self.shop.buys(mug=2)
        order = self.shop.order(placed)
        self.do(
            "orders.pay",
            order_id=str(order.id),
            amount_minor=order.total_minor,
            method="cash",
            reference=self._name("pay"),
        )
        self.do("orders.ship", fulfillment_id=str(order.fulfillments[0].id), carrier="post")
        return str(order.id), str(order.lines[0].id)

    def _refund(self) -> Fields:
        order, _ = self._paid()
        nothing = {"return_id": None, "payment_id": None, "delivery_minor": 0}
        return {"order_id": order, "goods_minor": 1, **nothing}

    def _return(self) -> Fields:
        order, line = self._paid()
        return {"order_id": order, "lines": [{"line_id": line, "quantity": 1}]}

    def _ready_cart(self) -> Fields:
        cart = self.cart()
        self.do(
            "shopping.set_delivery",
            cart_id=cart,
            kind="pickup",
            country="RS",
            location_id=self.store,
            recipient={"name": "Ana", "email": "ana@shop.example"},
        )
        total = self.do("shopping.read", cart_id=cart).totals.total_minor
        return {"cart_id": cart, "expected_total_minor": total}

    def _cart_with_code(self) -> Fields:
        cart, code = self.cart(), self.coupon()
        self.do("shopping.add_code", cart_id=cart, code=code)
        return {"cart_id": cart, "code": code}

    def _key(self) -> Fields:
        return {"digest": self._digest(), "roles": [{"role": "analyst"}], "expires_at": None}

    def _product(self) -> Fields:
        name = self._name("thing")
        return {"handle": name, "texts": {"en": {"title": name}}, "variants": [{"sku": name}]}

    def _coupon(self) -> Fields:
        return {"code": self._name("SAVE").upper(), "discount_ppm": 100_000}

    def _delivery_method(self) -> Fields:
        return {
            "code": self._name("post"),
            "titles": {"en": "Post"},
            "rates": [{"currency": "EUR", "amount_minor": 300}],
            "days_min": 1,
            "days_max": 3,
        }

    def _endpoint(self) -> Fields:
        return {"url": "https://hooks.example.com/in", "events": ["orders.*"], "name": "ERP"}

    def _somebody(self) -> Fields:
        return {"email": self._email(), "given_name": "Somebody"}

    def _customer(self) -> str:
        """A customer without a cart."""
        return self._made("customers.put_customer", "customer_id", customer=self._somebody())

    def _email(self) -> str:
        return f"person{next(self._numbers)}@shop.example"

    def _digest(self) -> str:
        return f"{next(self._numbers):064x}"

    def _name(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"
