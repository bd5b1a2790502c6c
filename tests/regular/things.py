"""Things in a shop, made when they are asked for: each is new, in the state that was asked for."""

import itertools
from typing import Any
from uuid import UUID

import msgspec

from charsu.assembly import chores
from charsu.kernel import SYSTEM, Actor, Hub, NotFound
from charsu.orders.queries.read_order import OrderView
from charsu.stock import Place
from tests.shop import Shop

Fields = dict[str, Any]
PLENTY = 1_000_000
ANNEX = "annex"
"""A store with nothing to do but what was last asked of it; the first one in lists."""
STORES = {ANNEX: Place(30.0, 10.0), "north": Place(50.0, 10.0), "south": Place(40.0, 10.0)}
RECIPIENT = {"name": "Ana", "email": "ana@shop.example", "street": "Nova 1", "town": "Beograd"}
COUPON = "TENTH"
METHODS = {"barrow": ("pickup", 0), "collect": ("pickup", 100), "post": ("ship", 300)}
"""Ways of delivery; the cheapest one stands first in lists and may be changed by whoever likes."""


class Things:
    """Three stores with plenty of mugs, and everything that a shop has besides."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.shop = Shop(hub)
        self._numbers = itertools.count(1)
        for code, place in STORES.items():
            self.shop.location(code, place)
            self.shop.has("mug", PLENTY, at=code)
        self.shop.costs("mug", 1200)
        self.shop.product("apron")
        self.stores = {code: str(place) for code, place in self.shop.locations.items()}
        self.variant = str(self.shop.variants["mug"])
        self.channel = str(self.shop.channels["web"])
        self.do("settings.change", name="orders.test_payments", value=True)
        self.do("catalog.put_category", code="cups", titles={"en": "Cups"})
        self.do("pricing.put_coupon", coupon=self.coupon_draft() | {"code": COUPON})
        for code, (kind, minor) in METHODS.items():
            fields = self.delivery_method() | {"code": code, "kind": kind}
            fields["rates"] = [{"currency": "EUR", "amount_minor": minor}]
            self.do("orders.put_delivery_method", **fields)
        self.known_email = self.email()
        self.known_customer = self.customer(self.known_email)
        self._endpoint = ""

    def do(self, verb: str, *, by: Actor = SYSTEM, **fields: Any) -> Any:
        """Run an operation by its name."""
        operation = self.hub.operations[verb]
        ask = msgspec.convert(fields, operation.ask_type, strict=False)
        return self.hub.run(operation, ask, actor=by)

    def work(self) -> None:
        """What workers do."""
        (processes,) = [one for one in chores() if one.name == "kernel.run_processes"]
        while processes.do(self.hub):
            pass

    def code(self, store: str) -> str:
        """What a store is called."""
        return next(code for code, place in self.stores.items() if place == store)

    # of those who may come in

    def account(self) -> str:
        return str(self.do("access.create_account", email=self.email(), name="Mila").account_id)

    def grant(self, account: str, store: str | None = None) -> str:
        fields = {"account_id": account, "role": "picker", "location_id": store}
        return str(self.do("access.grant_role", **fields).grant_id)

    def key(self) -> str:
        fields = {"label": "till", "digest": self.digest(), "roles": [{"role": "analyst"}]}
        return str(self.do("access.issue_key", **fields).key_id)

    # of the goods

    def product_draft(self) -> Fields:
        name = self.name("thing")
        return {"handle": name, "texts": {"en": {"title": name}}, "variants": [{"sku": name}]}

    def product(self) -> str:
        """A product that is listed in the channel."""
        draft = self.product_draft()
        self.do("catalog.put_product", product=draft)
        self.do("catalog.set_listing", handle=draft["handle"], channel="web", is_published=True)
        return str(draft["handle"])

    def shortage(self, store: str) -> None:
        """A piece that was promised there is gone."""
        sku = self.name("rare")
        self.shop.has(sku, 1, at=self.code(store))
        self.shop.costs(sku, 500)
        self.shop.buys(**{sku: 1}, kind="pickup", location_id=UUID(store))
        self.do("stock.count", location_id=store, lines=[{"sku": sku, "on_hand": 0}])

    def coupon_draft(self) -> Fields:
        code = self.name("SAVE").upper()
        return {"code": code, "discount_ppm": 100_000, "combines": True}

    def coupon(self) -> str:
        draft = self.coupon_draft()
        self.do("pricing.put_coupon", coupon=draft)
        return str(draft["code"])

    def delivery_method(self) -> Fields:
        return {
            "code": self.name("post"),
            "titles": {"en": "Post"},
            "rates": [{"currency": "EUR", "amount_minor": 300}],
            "days_min": 1,
            "days_max": 3,
        }

    # of customers

    def customer(self, email: str | None = None) -> str:
        """A customer without a cart."""
        fields = {"email": email or self.email(), "given_name": "Somebody"}
        return str(self.do("customers.put_customer", customer=fields).customer_id)

    def merge(self) -> str:
        """Two customers taken for one."""
        pair = {"survivor_id": self.customer(), "absorbed_id": self.customer()}
        return str(self.do("customers.merge", **pair, reason="one person").merge_id)

    def cart(self, store: str, owner: Actor | None = None, *, kind: str = "pickup") -> str:
        """A cart that can be ordered: two mugs, to be collected at the store or sent from it."""
        ask = {"channel_id": self.channel, "country": "RS"}
        if owner is None:
            ask["customer_id"] = self.customer()
        by = owner or SYSTEM
        cart = str(self.do("shopping.open", by=by, **ask).cart_id)
        self.do("shopping.put_line", cart_id=cart, variant_id=self.variant, quantity=2)
        self.do(
            "shopping.set_delivery",
            cart_id=cart,
            kind=kind,
            country="RS",
            location_id=store if kind == "pickup" else None,
            delivery_method="post" if kind == "ship" else None,
            destination=self._near(store) if kind == "ship" else None,
            recipient=RECIPIENT,
        )
        return cart

    def order(self, store: str, *, kind: str = "ship", customer: str | None = None) -> str:
        """Two mugs, sent from the store or to be collected there."""
        placed = self.do(
            "orders.place",
            channel_id=self.channel,
            country="RS",
            kind=kind,
            location_id=store if kind == "pickup" else None,
            destination=self._near(store) if kind == "ship" else None,
            lines=[{"variant_id": self.variant, "quantity": 2}],
            customer_id=customer or self.known_customer,
            recipient=RECIPIENT,
        )
        return str(placed.order_id)

    def _near(self, store: str) -> Fields:
        """Where goods go to that come from this store."""
        near: Fields = msgspec.to_builtins(STORES[self.code(store)])
        return near

    def task(self, store: str, *, kind: str = "ship") -> str:
        """What the store has to do for an order of two mugs."""
        return str(self.view(self.order(store, kind=kind)).fulfillments[0].id)

    def only_task(self, *, kind: str) -> None:
        """The annex has this to do and nothing else."""
        annex = self.stores[ANNEX]
        for row in self.do("orders.waiting", location_id=annex, limit=200).items:
            self.do("orders.cancel", order_id=str(row.order_id), reason="cleared")
        self.task(annex, kind=kind)

    def view(self, order: str) -> OrderView:
        return self.shop.order(UUID(order))

    def order_of(self, task: str) -> str:
        """The order for which this is to be done."""
        statement = "SELECT order_id FROM orders.fulfillments WHERE id = %(id)s"
        with self.hub.reading() as tx:
            order = tx.value(statement, id=UUID(task))
        if order is None:
            raise NotFound("fulfillment", UUID(task))
        return str(order)

    def pay(self, order: str) -> None:
        """Some money is there for the order; what a provider promised comes when the goods go."""
        view = self.view(order)
        if view.captured_minor:
            return
        if view.payment_state == "authorized":
            self.leave(order)
            self.work()
            return
        fields = {"order_id": order, "amount_minor": 100, "reference": self.name("pay")}
        self.do("orders.pay", method="cash", **fields)

    def leave(self, order: str) -> None:
        """Everything goes to the customer that is still to go."""
        for task in self.view(order).fulfillments:
            if task.state in {"done", "canceled"}:
                continue
            if task.kind == "ship":
                self.do("orders.ship", fulfillment_id=str(task.id), carrier="post")
            else:
                self.do("orders.hand_over", fulfillment_id=str(task.id))

    def line(self, order: str) -> str:
        return str(self.view(order).lines[0].id)

    # of other systems

    def endpoint_draft(self) -> Fields:
        return {"url": "https://hooks.example.com/in", "events": ["orders.*"], "name": "ERP"}

    def endpoint(self) -> str:
        """One for all: a shop has only so many."""
        if not self._endpoint:
            made = self.do("webhooks.add_endpoint", **self.endpoint_draft())
            self._endpoint = str(made.endpoint_id)
        return self._endpoint

    # what nobody has had before

    def email(self) -> str:
        return f"person{next(self._numbers)}@shop.example"

    def digest(self) -> str:
        return f"{next(self._numbers):064x}"

    def name(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"
