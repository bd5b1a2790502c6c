"""What each operation needs to be asked for, so that it succeeds.

An id by chance is nobody's, and most of what is generated would end at "there is no such order". So
every field that points at something gets something that is there, in the state that the operation
needs, and what can be done only once (to refund, to hand over) gets a thing of its own.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct, structs

from charsu.kernel import Actor, AnyOperation, Hub
from tests.regular.sampling import sample
from tests.regular.things import ANNEX, COUPON, PLENTY, RECIPIENT, Fields, Things

STEPS_TAKEN = {
    "orders.accept": 0,
    "orders.reject": 0,
    "orders.pick": 1,
    "orders.make_ready": 2,
    "orders.check_pickup_code": 3,
    "orders.pickup_code": 3,
    "orders.hand_over": 3,
    "orders.put_back": 3,
}
"""How many steps a pick-up has taken before this one."""
BUSY = {"reason": "busy"}  # what is not found is off sale there, and would be for all that follow
TO_COLLECT = {*STEPS_TAKEN, "orders.to_inspect", "stock.levels", "stock.movements"}
"""What is done with orders that are collected, or with the place of one."""


TO_SEND = {"orders.ship", "orders.reroute", "orders.book_parcel"}
COME_BACK = {"orders.inspect_return", "orders.to_inspect"}
"""What is asked of goods that came back."""


class Wanted(Struct, frozen=True, kw_only=True):
    """For what a request is made.

    store    where everything is that the request is about, by id; the north by itself
    owner    whose carts; by itself those of customers
    given    fields that are settled: the things they name are brought into the state that is needed
    towards  what will be asked about the answer, which must then have something to say to it
    """

    store: str = ""
    owner: Actor | None = None
    given: Fields = {}
    towards: str = ""


ANYTHING = Wanted()


class Regular:
    """Knows what is in one shop, and what to ask for."""

    def __init__(self, hub: Hub) -> None:
        self.things = Things(hub)
        self.do = self.things.do
        self.stores = self.things.stores
        self._asks = self._all_asks()

    def request(self, operation: AnyOperation, wanted: Wanted = ANYTHING) -> Fields:
        """All fields of a request that succeeds."""
        store = wanted.store or self.stores["north"]
        smallest = sample(operation.ask_type, location_id=store)
        known = self.known(smallest, store=store)
        needed = self.needs(operation.name, wanted)
        whole = {**known, **needed, **wanted.given}
        return {name: value for name, value in whole.items() if value is not None}

    def needs(self, name: str, wanted: Wanted = ANYTHING) -> Fields:
        """The fields in which an operation needs something of its own."""
        wanted = structs.replace(wanted, store=wanted.store or self.stores["north"])
        return self._asks[name](wanted) if name in self._asks else {}

    def known(self, value: Any, *, store: str = "") -> Any:
        """The same with every field that points at something pointing at what is there."""
        if isinstance(value, list):
            return [self.known(one, store=store) for one in value]
        if not isinstance(value, dict):
            return value
        there = self._there(store or self.stores["north"])
        pointed = {
            name: there[name](one) if name in there else self.known(one, store=store)
            for name, one in value.items()
        }
        if "kind" in pointed and pointed.get("delivery_method"):
            pointed["delivery_method"] = "collect" if pointed["kind"] == "pickup" else "post"
        return pointed

    def _there(self, store: str) -> dict[str, Callable[[Any], Any]]:
        """What the fields that point at something may name, from what stands in them."""
        things = self.things
        values: Fields = {
            "channel_id": things.channel,
            "channel_ids": [things.channel],
            "channels": ["web"],
            "location_id": store,
            "location_ids": list(self.stores.values()),
            "variant_id": things.variant,
            "variant_ids": [things.variant],
            "customer_id": things.known_customer,
            "sku": "mug",
            "currency": "EUR",
            "country": "RS",
            "time_zone": "Europe/Belgrade",
            "tax_class": "standard",
            "role": "analyst",
            "parent": None,
            "category": None,
            "channel": "web",
            "handle": "mug",
            "actor_id": None,
        }
        fixed = {name: lambda _was, value=value: value for name, value in values.items()}
        return {
            **fixed,
            "codes": lambda was: [COUPON] if was else [],
            "delivery_method": lambda was: "post" if was else None,
            "from_location_id": lambda was: store if was else None,
        }

    def _all_asks(self) -> dict[str, Callable[[Wanted], Fields]]:
        things = self.things
        pieces = [{"sku": "mug", "pieces": 1}]
        return {
            "access.account": self._account_with_role,
            "access.accounts": lambda w: self._listed(w, things.account),
            "access.create_account": lambda _: {"email": things.email()},
            "access.disable_account": self._account,
            "access.enable_account": self._account,
            "access.invite": lambda w: self._account(w) | {"token_digest": things.digest()},
            "access.issue_key": self._key,
            "access.grant_role": lambda w: self._account(w) | {"location_id": w.store},
            "access.revoke_role": self._grant,
            "access.revoke_key": lambda w: _given(w, "key_id", things.key),
            "catalog.put_product": lambda _: {"product": things.product_draft()},
            "catalog.archive_product": self._product,
            "catalog.read_product": self._product,
            "catalog.set_listing": lambda w: self._product(w) | {"texts": {}},
            "catalog.find_variant": lambda _: {"code": "mug"},
            "catalog.put_category": lambda w: (
                {"titles": {"en": "Cups"}} | _given(w, "code", lambda: things.name("cat"))
            ),
            "catalog.put_channel": lambda w: (
                {"kind": "web", "name": "Shop", "tax_mode": "included"}
                | _given(w, "code", lambda: things.name("channel"))
            ),
            "catalog.put_synonyms": lambda _: {"language": "en", "groups": [["mug", "cup"]]},
            "catalog.search": lambda _: {"text": "mug", "language": "en"},
            "catalog.list_products": lambda _: {"language": "en"},
            "customers.put_customer": lambda _: {
                "customer": {"email": things.email(), "given_name": "Somebody"}
            },
            "customers.find": lambda _: {"text": things.known_email},
            "customers.view": lambda _: {"customer_id": things.known_customer},
            "customers.merge": lambda _: {
                "survivor_id": things.customer(),
                "absorbed_id": things.customer(),
            },
            "customers.undo_merge": lambda w: _given(w, "merge_id", things.merge),
            "customers.add_identifier": lambda _: {
                "customer_id": things.customer(),
                "value": things.name("card"),
            },
            "identity.erase_customer": lambda _: {"customer_id": things.customer()},
            "identity.begin_sign_in": lambda _: {"email": things.email(), "phone": None},
            "identity.finish_sign_in": lambda _: {"token_digest": things.digest()},
            "identity.register_platform": lambda _: things.platform_draft(),
            "identity.disable_platform": lambda w: _given(
                w, "linked_platform_id", things.linked_platform
            ),
            "identity.replace_platform_proof": lambda w: (
                _given(w, "linked_platform_id", things.linked_platform)
                | {"secret_digest": things.digest(), "keys": []}
            ),
            "identity.timeline": self._timeline,
            "customers.consents": self._consents,
            "customers.set_consent": lambda w: self._consents(w) | {"channel": "email"},
            "orders.put_delivery_method": self._delivery_method,
            "orders.place": lambda _: {
                "kind": "ship",
                "lines": [{"variant_id": things.variant, "quantity": 2}],
                "recipient": RECIPIENT,
                "external_id": None,
                "expected_total_minor": None,
            },
            "orders.credit": lambda w: _given(w, "customer_id", things.customer),
            "orders.issue_credit": lambda w: (
                _given(w, "customer_id", things.customer)
                | {"amount_minor": 100, "currency": "EUR", "reason": "kindness"}
            ),
            "orders.payment_differences": self._differences,
            "orders.orphans": lambda w: self._listed(w, things.orphan),
            "orders.resolve_difference": lambda w: (
                _given(w, "difference_id", things.difference) | {"note": "seen to"}
            ),
            "orders.list": self._orders_of_one,
            "orders.waiting": self._waiting,
            "orders.to_inspect": self._to_inspect,
            "orders.returnable": lambda _: {"text": RECIPIENT["email"]},
            "orders.read": self._order,
            "orders.history": self._order,
            "orders.recipient": self._order,
            "orders.cancel": lambda w: self._one_piece(self._order(w)),
            "orders.pay": lambda w: (
                self._order(w)
                | {"amount_minor": 100, "method": "cash"}
                | {"reference": things.name("pay")}
            ),
            "orders.put_terminal": lambda w: (
                {"kind": "test_terminal", "number": things.name("number"), "name": "Terminal"}
                | {"location_id": w.store}
                | _given(w, "code", lambda: things.name("terminal"))
            ),
            "orders.terminals": self._terminals,
            "orders.start_terminal_payment": self._start_on_terminal,
            "orders.terminal_payments": self._seen_terminal,
            "orders.terminal_closings": self._seen_terminal,
            "orders.close_terminal": lambda w: self._free_terminal(w) | {"totals": []},
            "orders.terminal_payment": self._on_terminal,
            "orders.cancel_terminal_payment": self._on_terminal,
            "orders.resolve_terminal_payment": lambda w: {
                "terminal_payment_id": things.lost_sight_of(
                    self._on_terminal(w)["terminal_payment_id"]
                ),
                "was_paid": False,
                "reference": None,
                "authorization_code": "",
            },
            "orders.charge": lambda w: self._order(w) | {"amount_minor": 100, "token": "tok_visa"},
            "orders.refund": self._refund,
            "orders.return": self._return,
            "orders.exchange": self._exchange,
            "orders.inspect_return": self._inspection,
            "orders.ship": lambda w: self._one_piece(self._task(w)),
            "orders.reroute": self._task,
            **{name: self._pickup_for(name) for name in STEPS_TAKEN},
            "orders.hand_over": lambda w: (
                self._one_piece(self._pickup_for("orders.hand_over")(w)) | {"proof": "document"}
            ),
            "orders.put_back": lambda w: {
                "fulfillment_id": things.left_behind(w.store, w.given.get("fulfillment_id"))
            },
            "orders.book_parcel": lambda w: self._one_piece(self._task(w)) | {"carrier": "test"},
            "orders.send_parcel": lambda w: {
                "parcel_id": things.labeled(w.given.get("parcel_id") or things.parcel(w.store))
            },
            "orders.parcel_label": lambda w: _given(
                w, "parcel_id", lambda: things.parcel(w.store, is_labeled=False)
            ),
            "orders.note_parcel": lambda w: {
                "carrier": "test",
                "tracking_number": things.number_of_sent_parcel(w.store),
            },
            "orders.close_exception": lambda w: _given(
                w, "exception_id", lambda: things.lost(w.store)
            ),
            "orders.take_exception": self._exception_to_see_to,
            "orders.hand_on_exception": lambda w: (
                self._exception_to_see_to(w) | {"owner": "support"}
            ),
            "orders.exceptions": self._order_exceptions,
            "log.try_again": lambda w: {"consumer": things.failing_reaction(w.store)},
            "orders.choose": lambda w: (
                _given(w, "exception_id", lambda: things.adrift(w.store)) | {"choice": "cancel"}
            ),
            "pricing.explain": lambda _: {"groups": [], "quantity": 1},
            "pricing.open_price_list": lambda _: {"tax_mode": None},
            "pricing.put_coupon": lambda _: {"coupon": things.coupon_draft()},
            "pricing.read_coupon": lambda w: _given(w, "code", things.coupon),
            "pricing.put_prices": lambda _: {
                "prices": [{"variant_id": things.variant, "amount_minor": 1200}]
            },
            "pricing.put_tax_rates": lambda _: {
                "rates": [{"tax_class": "standard", "rate_ppm": 200_000}]
            },
            "settings.change": self._setting,
            "shopping.open": lambda w: {
                "customer_id": things.customer() if w.owner is None else None
            },
            "shopping.read": self._cart_to_read,
            "shopping.payment": self._cart_to_read,
            "shopping.read_recipient": self._cart,
            "shopping.put_line": lambda w: self._cart(w) | {"quantity": 1},
            "shopping.remove_line": self._cart,
            "shopping.add_code": lambda w: self._cart(w) | {"code": things.coupon()},
            "shopping.remove_code": self._cart_with_code,
            "shopping.set_delivery": lambda w: (
                self._cart(w) | {"location_id": w.store, "recipient": RECIPIENT}
            ),
            "shopping.replace": self._whole_cart,
            "shopping.abandon": self._cart,
            "shopping.order": self._ordered_cart,
            "shopping.see_prices": self._cart,
            "shopping.hold": self._cart,
            "shopping.release": self._held_cart,
            "shopping.complete": self._priced_cart,
            "shopping.pay": self._cart_to_pay,
            "stock.receive": lambda _: {"lines": pieces},
            "stock.write_off": lambda _: {"lines": pieces},
            "stock.set_aside": lambda _: (
                {"lines": pieces, "was": "on_hand"} | {"becomes": "quarantine"}
            ),
            "stock.allocate": lambda _: {"lines": pieces, "give_back": False},
            "stock.count": lambda _: (
                {"lines": [{"sku": "mug", "on_hand": PLENTY}]} | {"counted_at": None}
            ),
            "stock.exceptions": self._exceptions,
            "stock.put_location": lambda w: (
                {"hours": [], "offers_pickup": True, "ships": True}
                | _given(w, "code", lambda: things.name("store"))
            ),
            "webhooks.endpoints": lambda w: self._listed(w, things.endpoint),
            "webhooks.add_endpoint": lambda _: things.endpoint_draft(),
            "webhooks.change_endpoint": lambda w: self._endpoint(w) | things.endpoint_draft(),
            "webhooks.replay": lambda w: (
                self._endpoint(w) | {"fact_id": None, "since": None, "dead": True}
            ),
            **{
                f"webhooks.{verb}": self._endpoint
                for verb in (
                    *("deliveries", "pause_endpoint", "resume_endpoint"),
                    *("rotate_secret", "secret"),
                )
            },
        }

    def _listed(self, wanted: Wanted, make: Callable[[], str]) -> Fields:
        """A list that has something to lead to."""
        if wanted.towards:
            make()
        return {}

    # of those who may come in

    def _account(self, wanted: Wanted) -> Fields:
        return _given(wanted, "account_id", self.things.account)

    def _account_with_role(self, wanted: Wanted) -> Fields:
        account = self._account(wanted)
        if wanted.towards:
            self.things.grant(account["account_id"], wanted.store)
        return account

    def _grant(self, wanted: Wanted) -> Fields:
        made = lambda: self.things.grant(self.things.account(), wanted.store)  # noqa: E731
        return _given(wanted, "grant_id", made)

    def _key(self, wanted: Wanted) -> Fields:
        roles = [{"role": "analyst", "location_id": wanted.store}]
        return {"digest": self.things.digest(), "roles": roles, "expires_at": None}

    def _setting(self, wanted: Wanted) -> Fields:
        if "name" not in wanted.given:
            return {"name": "stock.shortage_hours", "value": 6}
        name = wanted.given["name"]
        there = {one.name: one.value for one in self.do("settings.list").items}
        return {"name": name, "value": there.get(name)}

    # of the goods

    def _product(self, wanted: Wanted) -> Fields:
        return _given(wanted, "handle", self.things.product)

    def _delivery_method(self, wanted: Wanted) -> Fields:
        return {**self.things.delivery_method(), **wanted.given}

    def _exceptions(self, wanted: Wanted) -> Fields:
        if wanted.towards:
            self.things.shortage(wanted.store)
        return {}

    # of carts

    def _cart(self, wanted: Wanted, *, kind: str = "pickup") -> Fields:
        cart = wanted.given.get("cart_id")
        cart = cart or self.things.cart(wanted.store, wanted.owner, kind=kind)
        if "cart_id" in wanted.given and not self.do("shopping.read", cart_id=cart).lines:
            line = {"variant_id": self.things.variant, "quantity": 2}
            self.do("shopping.put_line", cart_id=cart, **line)
        return {"cart_id": cart}

    def _cart_to_read(self, wanted: Wanted) -> Fields:
        """A cart that has become an order, where that is what the reader looks for."""
        cart = self._cart(wanted)
        if wanted.towards.startswith("orders."):
            self.do("shopping.complete", **self._priced(cart))
        elif wanted.towards == "shopping.remove_code":
            self.do("shopping.add_code", code=self.things.coupon(), **cart)
        return cart

    def _cart_with_code(self, wanted: Wanted) -> Fields:
        cart = self._cart(wanted)
        if "code" in wanted.given:
            return cart | {"code": wanted.given["code"]}
        code = self.things.coupon()
        self.do("shopping.add_code", code=code, **cart)
        return cart | {"code": code}

    def _whole_cart(self, wanted: Wanted) -> Fields:
        lines = [{"variant_id": self.things.variant, "quantity": 1}]
        where = {"location_id": wanted.store, "recipient": RECIPIENT}
        return self._cart(wanted) | {"lines": lines} | where

    def _held_cart(self, wanted: Wanted) -> Fields:
        cart = self._cart(wanted)
        self.do("shopping.hold", **cart)
        return cart

    def _ordered_cart(self, wanted: Wanted) -> Fields:
        kind = "ship" if wanted.towards in TO_SEND else "pickup"
        cart = self._cart(wanted, kind=kind)
        placed = self.do("shopping.complete", **self._priced(cart))
        if wanted.towards in COME_BACK:
            self.things.come_back(str(placed.order_id), wanted.store)
        return cart

    def _priced_cart(self, wanted: Wanted) -> Fields:
        return self._priced(self._cart(wanted))

    def _priced(self, cart: Fields) -> Fields:
        """The cart, ready to be ordered, and what it costs."""
        view = self.do("shopping.read", **cart)
        if view.blocks:
            delivery = {"kind": "pickup", "country": "RS", "location_id": self.stores["north"]}
            self.do("shopping.set_delivery", recipient=RECIPIENT, **cart, **delivery)
            view = self.do("shopping.read", **cart)
        return cart | {"expected_total_minor": view.totals.total_minor if view.totals else 0}

    def _cart_to_pay(self, wanted: Wanted) -> Fields:
        """Paid for already where the answer has to name the order."""
        ask = self._priced_cart(wanted) | {"provider": "test", "token": "tok_visa"}
        if wanted.towards.startswith(("orders.", "shopping.complete", "shopping.order")):
            self.do("shopping.pay", **ask)
            self.things.work()
        return ask

    # of orders

    def _order(self, wanted: Wanted) -> Fields:
        kind = "pickup" if wanted.towards in TO_COLLECT else "ship"
        fields = _given(wanted, "order_id", lambda: self.things.order(wanted.store, kind=kind))
        if wanted.towards in COME_BACK and "order_id" not in wanted.given:
            self.things.come_back(fields["order_id"], wanted.store)
        return fields

    def _orders_of_one(self, wanted: Wanted) -> Fields:
        """The orders of a customer who has one; of all where nothing is asked about them."""
        if not wanted.towards:
            return {}
        customer = self.things.customer()
        self.things.order(wanted.store, customer=customer)
        return {"customer_id": customer, "state": None, "location_id": None}

    def _waiting(self, wanted: Wanted) -> Fields:
        if not wanted.towards:
            return {}
        self.things.only_task(kind="pickup" if wanted.towards in TO_COLLECT else "ship")
        return {"location_id": self.stores[ANNEX]}

    def _task(self, wanted: Wanted, *, kind: str = "ship") -> Fields:
        made = lambda: self.things.task(wanted.store, kind=kind)  # noqa: E731
        return _given(wanted, "fulfillment_id", made)

    def _pickup_for(self, name: str) -> Callable[[Wanted], Fields]:
        """A pick-up that has come as far as this operation needs."""

        def pickup(wanted: Wanted) -> Fields:
            task = self._task(wanted, kind="pickup")
            self.things.lay_out(task["fulfillment_id"], steps=STEPS_TAKEN[name])
            return task | {"orders.pick": {"lines": None}, "orders.reject": BUSY}.get(name, {})

        return pickup

    def _order_exceptions(self, wanted: Wanted) -> Fields:
        if not wanted.towards:
            return {}
        self.things.forget_exceptions()
        if wanted.towards == "orders.choose":
            self.things.adrift(wanted.store)
        elif wanted.towards == "orders.close_exception":
            self.things.lost(wanted.store)
        else:
            kind = "pickup" if wanted.towards in TO_COLLECT else "ship"
            self.things.late(wanted.store, kind=kind)
        return {"location_id": None}

    def _exception_to_see_to(self, wanted: Wanted) -> Fields:
        things = self.things
        make = things.adrift if wanted.towards == "orders.choose" else things.lost
        return _given(wanted, "exception_id", lambda: make(wanted.store))

    def _one_piece(self, fields: Fields) -> Fields:
        """Of an order or of what a store has to do for it, so that something is left."""
        order = fields.get("order_id") or self.things.order_of(fields["fulfillment_id"])
        return fields | {"lines": [{"line_id": self.things.line(order), "quantity": 1}]}

    def _refund(self, wanted: Wanted) -> Fields:
        order = self._order(wanted)
        self.things.pay(order["order_id"])
        nothing = {"return_id": None, "payment_id": None, "delivery_minor": 0}
        return order | {"goods_minor": 1, **nothing}

    def _return(self, wanted: Wanted) -> Fields:
        order = self._order(wanted)
        self.things.leave(order["order_id"])
        line = self.things.line(order["order_id"])
        condition = "quarantine" if wanted.towards in COME_BACK else "on_hand"
        lines = [{"line_id": line, "quantity": 1, "condition": condition}]
        return order | {"location_id": wanted.store, "lines": lines}

    def _exchange(self, wanted: Wanted) -> Fields:
        """For one more of the same, which is sent."""
        nothing = ("channel_id", "country", "expected_difference_minor", "payment")
        return (
            self._return(wanted)
            | {"takes": [{"variant_id": self.things.variant, "quantity": 1}]}
            | {"kind": "ship", "delivery_method": "post", "recipient": RECIPIENT}
            | {"surplus_to": "original"}
            | dict.fromkeys((*nothing, "pickup_location_id"))
        )

    def _terminals(self, wanted: Wanted) -> Fields:
        """The annex has one; something is on it where that leads on."""
        if not wanted.towards:
            return {}
        terminal = self.things.terminal_of_annex()
        if "payment" in wanted.towards:
            self.things.on_terminal(self.things.stores[ANNEX], terminal)
        return {"location_id": self.things.stores[ANNEX]}

    def _on_terminal(self, wanted: Wanted) -> Fields:
        make = self.things.on_terminal
        return _given(wanted, "terminal_payment_id", lambda: make(wanted.store))

    def _free_terminal(self, wanted: Wanted) -> Fields:
        fields = _given(wanted, "terminal_id", lambda: self.things.terminal(wanted.store))
        return fields | {"terminal_id": self.things.freed(fields["terminal_id"])}

    def _start_on_terminal(self, wanted: Wanted) -> Fields:
        order = _given(wanted, "order_id", lambda: self.things.order(wanted.store))
        return self._free_terminal(wanted) | order | {"amount_minor": 100}

    def _seen_terminal(self, wanted: Wanted) -> Fields:
        """A terminal; with something on it where that leads on."""
        fields = _given(wanted, "terminal_id", lambda: self.things.terminal(wanted.store))
        if wanted.towards:
            self.things.freed(fields["terminal_id"])
            self.things.on_terminal(wanted.store, fields["terminal_id"])
        return fields | {"state": None}

    def _differences(self, wanted: Wanted) -> Fields:
        """One with a provider of its own, so that it stands first."""
        if not wanted.towards:
            return {}
        provider = self.things.name("bank")
        self.things.difference(provider)
        return {"provider": provider}

    def _inspection(self, wanted: Wanted) -> Fields:
        """Of a mug that came back to the store and is in quarantine there."""
        order = self.things.order(wanted.store) if "return_id" not in wanted.given else ""
        back = wanted.given.get("return_id") or self.things.come_back(order, wanted.store)
        line = {"line_id": self.things.line_of(back), "quantity": 1, "becomes": "on_hand"}
        return {"return_id": back, "lines": [line]}

    def _consents(self, wanted: Wanted) -> Fields:
        """Of a customer; of oneself where she asks herself."""
        return _given(wanted, "customer_id", self.things.customer)

    def _timeline(self, wanted: Wanted) -> Fields:
        """Of a customer who has bought something that can be dealt with further."""
        customer = wanted.given.get("customer_id") or self.things.customer()
        if wanted.towards:
            kind = "pickup" if wanted.towards in TO_COLLECT else "ship"
            self.things.order(wanted.store, kind=kind, customer=customer)
        return {"customer_id": customer, "after": None}

    def _to_inspect(self, wanted: Wanted) -> Fields:
        if not wanted.towards:
            return {}
        self.things.only_back()
        return {"location_id": self.stores[ANNEX]}

    # of other systems

    def _endpoint(self, wanted: Wanted) -> Fields:
        return _given(wanted, "endpoint_id", self.things.endpoint)


def _given(wanted: Wanted, field: str, make: Callable[[], str]) -> Fields:
    """The field as it is settled, else with a new thing."""
    return {field: wanted.given.get(field) or make()}
