"""Somebody of whom the shop knows all that it can, and a walk over all that the database says."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from charsu.channels.ucp.model import Address as Where
from charsu.channels.ucp.model import Item, Person, Wish, platform_actor
from charsu.channels.ucp.naming import variant_name
from charsu.channels.ucp.operations import open_session
from charsu.channels.ucp.operations.open_session import OpenSession
from charsu.customers import (
    AddIdentifier,
    Address,
    CustomerDraft,
    MergeCustomers,
    PutCustomer,
    SetConsent,
    add_identifier,
    merge_customers,
    put_customer,
    set_consent,
)
from charsu.identity import (
    CustomerErasure,
    EraseCustomer,
    FinishSignIn,
    erase_customer,
    finish_sign_in,
)
from charsu.kernel import SYSTEM, Actor
from charsu.kernel.access import digest_of
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import Recipient
from charsu.orders.operations import issue_credit
from charsu.orders.operations.issue_credit import IssueCredit
from tests.conformance.platform import AGENT, introduce, profile
from tests.identity.driver import Phone, code_in, work
from tests.identity.linking import Agent
from tests.orders.till import Till
from tests.shop import Shop
from tests.shopping.driver import guest, visit

MARKS = ("quirina", "zzyzxova", "7654321", "nowhere lane")
EMAIL, OTHER_EMAIL, NUMBER = "quirina@example.com", "zzyzxova@example.com", "+381607654321"
HERSELF = Recipient(
    name="Quirina Zzyzxova",
    email=EMAIL,
    phone=NUMBER,
    street="Nowhere Lane 99",
    postcode="11000",
    town="Beograd",
    note="Ask for Quirina",
)
WHERE_SHE_IS = {
    "customers.identifiers.exact_key",
    "customers.identifiers.value",
    "customers.identifiers.value_key",
    "customers.merges.reason",
    "customers.persons.addresses",
    "customers.persons.family_name",
    "customers.persons.given_name",
    "identity.challenges.address",
    "identity.sessions.device",
    "orders.labels.document",
    "orders.recipients.email",
    "orders.recipients.name",
    "orders.recipients.note",
    "orders.recipients.phone",
    "orders.recipients.street",
    "shopping.recipients.email",
    "shopping.recipients.name",
    "shopping.recipients.note",
    "shopping.recipients.phone",
    "shopping.recipients.street",
    "ucp.buyers.address",
    "ucp.buyers.person",
}
"""Every column in which somebody is named; who adds one adds it here and to her erasure."""


@dataclass
class Known:
    """A customer under two ids, who bought, bought as a guest, and is about to buy again."""

    shop: Shop
    phone: Phone
    id: UUID = field(init=False)
    other: UUID = field(init=False)
    orders: list[UUID] = field(init=False)
    agent: Agent = field(init=False)

    def __post_init__(self) -> None:
        self.id = self._comes_in()
        self.agent = Agent(self.shop.hub)
        self.agent.asks(self.phone.actor())
        self._is_described()
        self.orders = [self._bought(customer_id=self.id), self._bought(), self._at_a_terminal()]
        for cart in (visit(self.shop, self.phone.actor()), guest(self.shop)):
            cart.puts(cup=1)
            cart.wants_it_sent(HERSELF)
        self._asks_an_agent()
        work(self.shop.hub)
        self.phone.asks(by=self.phone.actor(), email="new.quirina@example.com")
        self._has_a_label()

    def _comes_in(self) -> UUID:
        challenge = self.phone.asks(email=EMAIL)
        code = code_in(self.phone.reads(challenge))
        ask = FinishSignIn(
            challenge_id=challenge,
            code=code,
            token_digest=digest_of(self.phone.token).hex(),
            device="Quirina's telephone",
        )
        came = self.shop.hub.run(finish_sign_in, ask, actor=self.phone.guest).customer_id
        assert came is not None
        self.phone.adds(phone=NUMBER)
        return came

    def _is_described(self) -> None:
        address = Address(street=HERSELF.street, town="Beograd", country="RS")
        draft = {"given_name": "Quirina", "family_name": "Zzyzxova", "addresses": (address,)}
        self._does(put_customer, PutCustomer(customer=CustomerDraft(email=EMAIL, **draft)))
        second = CustomerDraft(email=OTHER_EMAIL, source="till", external_id="Zzyzxova-1", **draft)
        self.other = self._does(put_customer, PutCustomer(customer=second)).customer_id
        card = {"kind": "card", "issuer": "club", "value": "0007654321"}
        self._does(add_identifier, AddIdentifier(customer_id=self.other, **card))
        pair = {"survivor_id": self.id, "absorbed_id": self.other}
        self._does(merge_customers, MergeCustomers(**pair, reason="Quirina said so"))
        said = {"purpose": "marketing", "channel": "email", "source": "till", "wording": "v1"}
        self._does(set_consent, SetConsent(customer_id=self.id, is_granted=True, **said))
        credit = {"amount_minor": 700, "currency": "EUR", "reason": "kindness"}
        self._does(issue_credit, IssueCredit(customer_id=self.id, **credit))

    def _bought(self, **more: Any) -> UUID:
        """An order that is sent, paid and done; without a customer it is a guest's."""
        placed = self.shop.buys(mug=1, recipient=HERSELF, kind="ship", **more)
        self.shop.pays_cash(placed.order_id, placed.total_minor)
        self.shop.ships(self.shop.order(placed))
        return placed.order_id

    def _at_a_terminal(self) -> UUID:
        placed = self.shop.buys(mug=1, recipient=HERSELF, customer_id=self.other)
        till = Till(self.shop, "test_terminal")
        payment = till.asks(placed, placed.total_minor)
        till.works()
        till.works(timedelta(seconds=2))
        assert till.state(payment) == "paid" and till.seen(payment).last_four
        self.shop.ships(self.shop.order(placed))
        return placed.order_id

    def _asks_an_agent(self) -> None:
        hub = self.shop.hub
        self._does(change_setting, ChangeSetting(name="ucp.channel", value="web"))
        introduce(hub, AGENT, profile())
        wish = Wish(
            items=(Item(id=variant_name(self.shop.variants["cup"]), quantity=1),),
            country="RS",
            person=Person(first_name="Quirina", last_name="Zzyzxova", email=EMAIL),
            address=Where(street=HERSELF.street, town="Beograd", postcode="11000", country="RS"),
            method="ship",
        )
        for customer in (self.id, None):
            ask = OpenSession(kind="checkout", wish=wish, customer_id=customer)
            hub.run(open_session, ask, actor=platform_actor(AGENT))

    def _has_a_label(self) -> None:
        """Of a parcel that is gone, as a carrier that tells of nothing leaves it."""
        with self.shop.hub.pool.connection() as connection:
            connection.execute(
                """
                WITH parcel AS (
                    INSERT INTO orders.parcels (id, fulfillment_id, carrier, lines, state,
                                                tracking_number, asked_at)
                    SELECT gen_random_uuid(), id, 'post', '{}', 'sent', 'L1', now()
                    FROM orders.fulfillments WHERE order_id = %(order)s RETURNING id
                )
                INSERT INTO orders.labels (parcel_id, order_id, document, made_at)
                SELECT id, %(order)s, '^XA Quirina Zzyzxova ^XZ', now() FROM parcel
                """,
                {"order": self.orders[0]},
            )

    def _does(self, verb: Any, ask: Any) -> Any:
        return self.shop.hub.run(verb, ask, actor=SYSTEM)

    def erases(self, *, by: Actor = SYSTEM, waives: bool = True, **more: Any) -> CustomerErasure:
        ask = EraseCustomer(customer_id=self.id, waives_credit=waives, **more)
        return self.shop.hub.run(erase_customer, ask, actor=by)


_COLUMNS = """
    SELECT c.table_schema, c.table_name, c.column_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE' AND c.table_schema !~ '^pg_|^information_schema$'
      AND c.data_type IN ('text', 'character varying', 'character', 'jsonb', 'json', 'ARRAY')
"""


def columns_with(connection: psycopg.Connection, marks: tuple[str, ...]) -> set[str]:
    """Every column in which any of these is written, whatever its case."""
    found = set()
    for schema, table, column in connection.execute(_COLUMNS).fetchall():
        written = SQL("SELECT EXISTS (SELECT FROM {} WHERE {}::text ILIKE ANY(%s))").format(
            Identifier(schema, table), Identifier(column)
        )
        row = connection.execute(written, [[f"%{mark}%" for mark in marks]]).fetchone()
        if row and row[0]:
            found.add(f"{schema}.{table}.{column}")
    return found
