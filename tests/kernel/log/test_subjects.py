"""Every row that counts its versions is proved to have been told to the log, version by version."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from charsu.assembly import checks, rooms
from charsu.catalog import PutCategory, put_category
from charsu.channels.ucp.model import Item, Wish, platform_actor
from charsu.channels.ucp.naming import variant_name
from charsu.channels.ucp.operations import open_session as begin_session
from charsu.channels.ucp.operations.open_session import OpenSession
from charsu.customers import CustomerDraft, PutCustomer, put_customer
from charsu.identity import (
    SCOPES,
    AgreeLink,
    BeginSignIn,
    FinishSignIn,
    RegisterPlatform,
    agree_link,
    begin_sign_in,
    finish_sign_in,
    register_platform,
)
from charsu.identity.codes import code_of
from charsu.kernel import SYSTEM, Actor, Hub, metadata
from charsu.kernel.access import (
    IssueKey,
    KeyRole,
    customer_actor,
    digest_of,
    first_admin,
    guest_actor,
    guest_id,
    hint_of,
    issue_key,
    new_token,
    open_session,
    shop_secret,
)
from charsu.kernel.check import run_checks
from charsu.kernel.log import Subject
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.kernel.webhooks.operations import AddWebhookEndpoint, add_endpoint
from charsu.orders.operations.issue_credit import IssueCredit, issue_credit
from charsu.orders.reconciling.differing import Judged, keep_differences
from charsu.orders.reconciling.model import Figures
from charsu.pricing import CouponDraft, PutCoupon, put_coupon
from charsu.stock import write_off_stock
from charsu.stock.documents import StockLine
from charsu.stock.operations.write_off import WriteOffStock
from tests.conformance.platform import AGENT, introduce, profile
from tests.orders.till import Till
from tests.shop import Shop
from tests.shopping.driver import customer, open_market
from tests.shopping.till import pays, ready

SUBJECTS: dict[str, Subject] = {
    subject.table: subject for room in rooms("checks") for subject in getattr(room, "SUBJECTS", ())
}
NOT_SUBJECTS = {
    "kernel.facts",  # these say which version of a subject they are about
    "kernel.parked",
    "orders.words",
}
COUNTERS = {"version", "revision"}


def counting(tables: object) -> dict[str, str]:
    """Each table of these that counts versions, with the column that does."""
    return {
        str(table): column.name
        for table in tables.sorted_tables  # type: ignore[attr-defined]
        for column in table.columns
        if column.name in COUNTERS and str(table) not in NOT_SUBJECTS
    }


def test_every_table_that_counts_versions_is_declared_as_a_subject() -> None:
    list(rooms("tables"))
    declared = {table: subject.version for table, subject in SUBJECTS.items()}

    assert declared == counting(metadata)
    assert len(declared) > 15


def test_every_declared_subject_is_in_a_check() -> None:
    proved = [str(check.breaks) for check in checks()]
    unproved = {
        table
        for table in SUBJECTS
        if not any(
            all(Identifier(part).as_string() in text for part in table.split("."))
            for text in proved
        )
    }
    assert not unproved


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    """Something of everything that has versions."""
    shop = open_market(open_shop())
    hub = shop.hub
    hub.run(put_category, PutCategory(code="cups", titles={"en": "Cups"}), actor=SYSTEM)
    known = PutCustomer(customer=CustomerDraft(email="ana@example.org"))
    ana = hub.run(put_customer, known, actor=SYSTEM).customer_id
    credit = IssueCredit(customer_id=ana, amount_minor=500, currency="EUR", reason="kindness")
    hub.run(issue_credit, credit, actor=SYSTEM)
    draft = CouponDraft(code="TEN", discount_ppm=100_000)
    hub.run(put_coupon, PutCoupon(coupon=draft), actor=SYSTEM)
    hub.run(change_setting, ChangeSetting(name="orders.test_payments", value=True), actor=SYSTEM)
    pays(ready(shop), provider="test")
    stray = Figures(currency="EUR", promised_minor=0, taken_minor=900, given_back_minor=0)
    unknown = Judged(reference="stray", kind="missing_in_books", ours=None, theirs=stray)
    with hub.writing("test.reconcile") as tx:
        keep_differences(tx, "bank", [unknown])
    Till(shop, "test_terminal").asks(shop.buys(mug=8, codes=("TEN",)), 100)
    gone = (StockLine(sku="mug", pieces=5),)
    loss = WriteOffStock(location_id=shop.locations["north"], lines=gone, reason="damaged")
    hub.run(write_off_stock, loss, actor=SYSTEM)
    customer(shop).puts(cup=1)
    hub.run(change_setting, ChangeSetting(name="ucp.channel", value="web"), actor=SYSTEM)
    introduce(hub, AGENT, profile())
    cup = Item(id=variant_name(shop.variants["cup"]), quantity=1)
    begun = OpenSession(kind="cart", wish=Wish(items=(cup,), country="RS"))
    hub.run(begin_session, begun, actor=platform_actor(AGENT))
    admin = first_admin(hub, email="a@shop.example", name="Ana", password="grapes on a balcony")
    open_session(hub, admin)
    secret = new_token("key")
    roles = (KeyRole(role="admin"),)
    digest = digest_of(secret).hex()
    key = IssueKey(label="till", digest=digest, hint=hint_of(secret), roles=roles)
    hub.run(issue_key, key, actor=SYSTEM)
    signed_in(hub)
    endpoint = AddWebhookEndpoint(url="https://shop.example/in", events=("*",), name="till")
    hub.run(add_endpoint, endpoint, actor=SYSTEM)
    return shop


def signed_in(hub: Hub) -> None:
    """A customer who has shown the code that was sent to her."""
    ana = guest_actor(guest_id(new_token("guest")))
    begun = hub.run(begin_sign_in, BeginSignIn(email="mila@example.org"), actor=ana)
    with hub.writing("test.code") as tx:
        code = code_of(shop_secret(tx, "identity"), begun.challenge_id)
    token = digest_of(new_token("customer")).hex()
    shown = FinishSignIn(challenge_id=begun.challenge_id, code=code, token_digest=token)
    done = hub.run(finish_sign_in, shown, actor=ana)
    assert done.outcome == "signed_in" and done.customer_id
    linked(hub, customer_actor(done.customer_id))


def linked(hub: Hub, her: Actor) -> None:
    """A platform that a customer lets act for her."""
    back, digest = "https://agent.example/back", digest_of("chance").hex()
    known = RegisterPlatform(name="Agent", profile_url=AGENT, redirects=(back,))
    platform = hub.run(register_platform, known, actor=SYSTEM).linked_platform_id
    agreed = AgreeLink(
        linked_platform_id=platform,
        redirect=back,
        scopes=(SCOPES[0],),
        code_challenge="c" * 43,
        code_digest=digest,
    )
    hub.run(agree_link, agreed, actor=her)


@pytest.fixture
def spoiling(shop: Shop, database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database) as connection:
        yield connection


UNTOLD = [check for check in checks() if "_told" in check.name and "changes_of_" in check.name]


def rows_named(connection: psycopg.Connection) -> dict[str, str]:
    """What the checks find in this transaction: the problem of each row."""
    found: dict[str, str] = {}
    for check in UNTOLD:
        found |= dict(connection.execute(check.breaks).fetchall())  # type: ignore[arg-type]
    return found


def test_a_shop_with_something_of_everything_is_clean(shop: Shop, database: str) -> None:
    with psycopg.connect(database) as connection:
        verdicts = {verdict.name: verdict for verdict in run_checks(connection, checks())}

    assert [v for v in verdicts.values() if not v.is_clean] == []
    assert min(verdicts[check.name].looked_at for check in UNTOLD) > 0


def test_whatever_row_changes_without_a_fact_is_named(spoiling: psycopg.Connection) -> None:
    """The version of one row of each table is raised by hand, one table at a time."""
    for table, column in counting(metadata).items():
        names = {"table": Identifier(*table.split(".")), "column": Identifier(column)}
        one = SQL("SELECT ctid FROM {table} LIMIT 1").format(**names)
        raised = spoiling.execute(
            SQL("UPDATE {table} SET {column} = {column} + 7 WHERE ctid = ({one})").format(
                one=one, **names
            )
        )

        assert raised.rowcount == 1, table
        (problem,) = rows_named(spoiling).values()
        assert problem.startswith("is at version "), table
        spoiling.rollback()


def test_whatever_fact_is_removed_its_subject_is_named(spoiling: psycopg.Connection) -> None:
    """The facts of one row of each table are removed, or told of something else."""
    told_of_itself = {table for table, one in SUBJECTS.items() if not one.is_part}
    for table in sorted(told_of_itself):
        names = {"table": Identifier(*table.split("."))}
        for spoil in (
            SQL("DELETE FROM kernel.facts WHERE subject_id = (SELECT id FROM {table} LIMIT 1)"),
            SQL(
                "UPDATE kernel.facts SET subject_id = gen_random_uuid()"
                " WHERE subject_id = (SELECT id FROM {table} LIMIT 1)"
            ),
        ):
            assert spoiling.execute(spoil.format(**names)).rowcount > 0, table
            assert "was never told" in rows_named(spoiling).values(), table
            spoiling.rollback()
