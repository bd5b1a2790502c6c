"""Things in a shop, made when they are asked for: each is new, in the state that was asked for."""

import itertools
from typing import Any
from uuid import UUID

import msgspec

from charsu.assembly import chores
from charsu.kernel import SYSTEM, Actor, Hub, NotFound
from charsu.orders import Recipient
from charsu.orders.payments import Authorized, ask, let_go, take_answer
from charsu.orders.queries.read_order import OrderView
from charsu.orders.reconciling.differing import Judged, keep_differences
from charsu.orders.reconciling.model import Entry, Figures
from charsu.orders.terminals.kept import lock_terminal_payment
from charsu.orders.terminals.outcomes import become_unknown
from charsu.orders.watching import step_ran_out
from charsu.stock import Place
from tests.failing import fail_to_react
from tests.shop import Shop

Fields = dict[str, Any]
PLENTY = 1_000_000
ANNEX = "annex"
"""A store with nothing to do but what was last asked of it; the first one in lists."""
STORES = {ANNEX: Place(30.0, 10.0), "north": Place(50.0, 10.0), "south": Place(40.0, 10.0)}
NOBODYS_STREET = Recipient(name="Ana", email="ana@shop.example")
RECIPIENT = {"name": "Ana", "email": "ana@shop.example", "street": "Nova 1", "town": "Beograd"}
COUPON = "TENTH"
STEPS = ("accept", "pick", "make_ready")
STEPS_DONE = ("asked", "accepted", "picked", "ready")
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
        self.do("settings.change", name="orders.test_carrier", value=True)
        self.do("settings.change", name="orders.test_terminal", value=True)
        self.do("catalog.put_category", code="cups", titles={"en": "Cups"})
        self.do("pricing.put_coupon", coupon=self.coupon_draft() | {"code": COUPON})
        for code, (kind, minor) in METHODS.items():
            fields = self.delivery_method() | {"code": code, "kind": kind}
            fields["rates"] = [{"currency": "EUR", "amount_minor": minor}]
            self.do("orders.put_delivery_method", **fields)
        self.known_email = self.email()
        self.known_customer = self.customer(self.known_email)
        self._endpoint = ""
        self._terminal = ""

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

    def platform_draft(self) -> Fields:
        """A platform that customers may be asked about."""
        return {
            "name": "Agent",
            "profile_url": "https://agent.example/profile.json",
            "redirects": ["https://agent.example/back"],
            "secret_digest": self.digest(),
            "keys": [],
        }

    def linked_platform(self) -> str:
        done = self.do("identity.register_platform", **self.platform_draft())
        return str(done.linked_platform_id)

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
                self.lay_out(str(task.id), steps=4)
                self.do("orders.hand_over", fulfillment_id=str(task.id), proof="document")

    def lay_out(self, task: str, *, steps: int = 3) -> str:
        """A pick-up so many steps further; those it has taken are not taken again."""
        done = next(
            one.step for one in self.view(self.order_of(task)).fulfillments if str(one.id) == task
        )
        for step in STEPS[STEPS_DONE.index(done) : steps]:
            self.do(f"orders.{step}", fulfillment_id=task)
        return task

    def parcel(self, store: str, *, is_labeled: bool = True) -> str:
        """A parcel at the store, with its label or before the carrier has answered."""
        task = self.task(store)
        some = [{"line_id": self.line(self.order_of(task)), "quantity": 1}]
        fields = {"fulfillment_id": task, "carrier": "test", "lines": some}
        parcel = str(self.do("orders.book_parcel", **fields).parcel_id)
        if is_labeled:
            self.work()
        return parcel

    def labeled(self, parcel: str) -> str:
        """The same parcel, once the carrier has answered."""
        self.work()
        return parcel

    def number_of_sent_parcel(self, store: str) -> str:
        """By which the carrier follows a parcel that has left the store."""
        parcel = self.parcel(store)
        self.do("orders.send_parcel", parcel_id=parcel)
        return str(self.do("orders.parcel_label", parcel_id=parcel).tracking_number)

    def lost(self, store: str) -> str:
        """The exception to a parcel that the carrier has lost."""
        number = self.number_of_sent_parcel(store)
        told = self.do("orders.note_parcel", carrier="test", tracking_number=number, event="lost")
        return self._exception_to(told.order_id)

    def _exception_to(self, order: UUID) -> str:
        with self.hub.reading() as tx:
            found = tx.value(
                "SELECT id FROM orders.exceptions WHERE order_id = %(id)s AND closed_at IS NULL",
                id=order,
            )
        return str(found)

    def left_behind(self, store: str, task: str | None = None) -> str:
        """A pick-up for which nobody came."""
        task = self.lay_out(task or self.task(store, kind="pickup"))
        some = [{"line_id": self.line(self.order_of(task)), "quantity": 1}]
        self.do("orders.hand_over", fulfillment_id=task, lines=some, proof="document")
        self.run_out(task)
        return task

    # of terminals

    def terminal(self, store: str, name: str = "") -> str:
        """A terminal that stands at the store, with nothing on it if it is new."""
        name = name or self.name("terminal")
        fields = {"code": name, "name": name, "kind": "test_terminal", "number": name}
        return str(self.do("orders.put_terminal", location_id=store, **fields).terminal_id)

    def terminal_of_annex(self) -> str:
        """The one that stands there, with nothing on it, wherever it was put meanwhile."""
        if self._terminal:
            self.freed(self._terminal)
        self._terminal = self.terminal(self.stores[ANNEX], ANNEX)
        return self._terminal

    def on_terminal(self, store: str, terminal: str = "") -> str:
        """Some of an order's money, asked for at a terminal."""
        terminal = terminal or self.terminal(store)
        fields = {"order_id": self.order(store), "amount_minor": 100}
        begun = self.do("orders.start_terminal_payment", terminal_id=terminal, **fields)
        return str(begun.terminal_payment_id)

    def lost_sight_of(self, payment: str) -> str:
        """The same payment, once its terminal answers no more."""
        with self.hub.writing("test.silence") as tx:
            become_unknown(tx, lock_terminal_payment(tx, UUID(payment)), "no_answer")
        return payment

    def freed(self, terminal: str) -> str:
        """The same terminal, with nothing on it."""
        with self.hub.reading() as tx:
            rows = tx.all(
                "SELECT id FROM orders.terminal_payments"
                " WHERE terminal_id = %(id)s AND ended_at IS NULL",
                id=UUID(terminal),
            )
        for row in rows:
            payment = self.lost_sight_of(str(row.id))
            fields = {"terminal_payment_id": payment, "was_paid": False}
            self.do("orders.resolve_terminal_payment", **fields)
        return terminal

    def difference(self, provider: str = "bank") -> str:
        """A payment that is not as its provider says; of an order of ours."""
        reference = self.name("payment")
        nothing = {"promised_minor": 0, "given_back_minor": 0}
        ours = Entry(
            reference=reference,
            authorization_id=None,
            order_id=UUID(self.order(self.stores[ANNEX])),
            figures=Figures(currency="EUR", taken_minor=900, **nothing),
            is_moving=False,
        )
        one = Judged(reference=reference, kind="missing_at_provider", ours=ours, theirs=None)
        with self.hub.writing("test.reconcile") as tx:
            keep_differences(tx, provider, [one])
            found = tx.value(
                "SELECT id FROM orders.payment_differences WHERE reference = %(one)s",
                one=reference,
            )
        return str(found)

    def orphan(self) -> str:
        """Money promised for a cart that nobody wants any more."""
        with self.hub.writing("test.orphan") as tx:
            asked = ask(tx, cart=tx.new_id(), provider="test", amount_minor=900, currency="EUR")
            promised = take_answer(tx, asked, Authorized(reference=self.name("payment")))
            let_go(tx, promised, reason="too_late")
        return str(asked.id)

    def late(self, store: str, *, kind: str) -> None:
        """What the store has to do is late, and nothing else is an exception."""
        self.forget_exceptions()
        self.run_out(self.task(store, kind=kind))

    def forget_exceptions(self) -> None:
        """Nothing is an exception any more; else lists would show the oldest first."""
        with self.hub.writing("test.forget_exceptions") as tx:
            tx.run(
                "UPDATE orders.exceptions SET closed_at = %(now)s, outcome = 'cleared'"
                " WHERE closed_at IS NULL",
                now=tx.now,
            )

    def run_out(self, task: str) -> None:
        """The time for the next step is over."""
        with self.hub.writing("test.wait") as tx:
            tx.run(
                "UPDATE orders.fulfillments SET step_by = %(now)s WHERE id = %(id)s",
                now=tx.now,
                id=UUID(task),
            )
            step_ran_out(tx, UUID(task))

    def adrift(self, store: str) -> str:
        """What nobody has: the customer is asked what she wants instead."""
        sku = self.name("rare")
        self.shop.has(sku, 1, at=self.code(store))
        self.shop.costs(sku, 500)
        more = {"kind": "pickup", "location_id": UUID(store), "recipient": NOBODYS_STREET}
        placed = self.shop.buys(**{"mug": 1, sku: 1}, **more)
        order = self.view(str(placed.order_id))
        task = str(order.fulfillments[0].id)
        mug = next(str(line.id) for line in order.lines if line.sku == "mug")
        self.do("orders.accept", fulfillment_id=task)
        found = [{"line_id": mug, "quantity": 1}]
        self.do("orders.pick", fulfillment_id=task, lines=found, reason="busy")
        return self._exception_to(placed.order_id)

    def come_back(self, order: str, store: str) -> str:
        """One mug of the order leaves, comes back to the store and lies in quarantine there."""
        line = self.line(order)
        (task, *_) = self.view(order).fulfillments
        pieces = [{"line_id": line, "quantity": 1}]
        leaves = {"fulfillment_id": str(task.id), "lines": pieces}
        if task.kind == "ship":
            self.do("orders.ship", carrier="post", **leaves)
        else:
            self.lay_out(str(task.id))
            self.do("orders.hand_over", proof="document", **leaves)
        back = [pieces[0] | {"condition": "quarantine"}]
        ask = {"order_id": order, "location_id": store, "lines": back, "reason": "broken"}
        return str(self.do("orders.return", **ask).return_id)

    def only_back(self) -> None:
        """In the annex this is to be looked at and nothing else."""
        annex = self.stores[ANNEX]
        for row in self.do("orders.to_inspect", location_id=annex, limit=200).items:
            gone = {"line_id": str(row.line_id), "quantity": row.pieces, "becomes": "gone"}
            self.do("orders.inspect_return", return_id=str(row.return_id), lines=[gone])
        self.come_back(self.order(annex), annex)

    def line_of(self, back: str) -> str:
        """What of an order came back."""
        statement = "SELECT line_id FROM orders.return_lines WHERE return_id = %(id)s"
        with self.hub.reading() as tx:
            line = tx.value(statement, id=UUID(back))
        if line is None:
            raise NotFound("return", UUID(back))
        return str(line)

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

    def failing_reaction(self, store: str) -> str:
        """A reaction that could not thank for an order, by its name."""
        self.order(store)
        return fail_to_react(self.hub)

    # what nobody has had before

    def email(self) -> str:
        return f"person{next(self._numbers)}@shop.example"

    def digest(self) -> str:
        return f"{next(self._numbers):064x}"

    def name(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"
