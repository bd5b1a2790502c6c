"""Every list comes in pages that lose no row and show none twice, while rows come in."""

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

import msgspec
import pytest

from charsu.assembly import operations
from charsu.customers.model import CustomerDraft
from charsu.customers.operations.put_customer import PutCustomer, put_customer
from charsu.customers.operations.set_consent import SetConsent, set_consent
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import IssueKey, KeyRole, digest_of, issue_key, new_token
from charsu.kernel.access.callers import customer_actor
from charsu.kernel.access.operations import create_account
from charsu.kernel.access.operations.accounts import CreateAccount
from charsu.kernel.log import deliver
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.kernel.webhooks.operations import AddWebhookEndpoint, add_endpoint
from charsu.kernel.webhooks.reactions import note_deliveries
from charsu.orders import (
    OrderView,
    Recipient,
    RejectFulfillment,
    ReturnGoods,
    ReturnLine,
    reject,
    return_goods,
)
from charsu.orders.payments import Authorized, ask, let_go, take_answer
from charsu.orders.reconciling.differing import Judged, keep_differences
from charsu.orders.reconciling.model import Figures
from charsu.stock.documents import StockLine
from charsu.stock.operations.write_off import WriteOffStock, write_off_stock
from tests.databases import Begun, begun, copied, in_database
from tests.orders.till import Till
from tests.shop import Shop

PHONE = "+381 64 123 45 67"
ROWS = 5  # of each list before the first page

BY_RANK = {"catalog.search", "ucp.search_goods"}
LISTS = {one.name: one for one in operations() if "limit" in one.ask_type.__struct_fields__}


class Growing:
    """A shop where everything that is listed becomes one more, again and again."""

    def __init__(self, hub: Hub) -> None:
        self.shop = Shop(hub)
        self.hub = hub
        self.times = 0
        self.shop.location("north")
        self.shop.costs("mug", 1_000)
        self.shop.has("mug", 50, at="north")
        door = ChangeSetting(name="ucp.channel", value="web")
        hub.run(change_setting, door, actor=SYSTEM)
        endpoint = AddWebhookEndpoint(url="https://one.example/", events=("*",), name="one")
        self.endpoint = hub.run(add_endpoint, endpoint, actor=SYSTEM).endpoint_id
        mila = PutCustomer(customer=CustomerDraft(email="mila@shop.example"))
        self.customer = hub.run(put_customer, mila, actor=SYSTEM).customer_id
        self.till = Till(self.shop, "test_terminal")
        for _ in range(ROWS):
            self.grow()

    def on(self, hub: Hub) -> "Growing":
        """The same shop in another database."""
        twin = copy(self)
        twin.hub, twin.shop, twin.till = hub, self.shop.on(hub), copy(self.till)
        twin.till.shop = twin.shop
        return twin

    def grow(self) -> None:
        self.times += 1
        sku, number = f"cup{self.times}", self.times
        self.shop.costs(sku, 500)
        self.shop.has(sku, 2, at="north")
        self.shop.buys(**{sku: 2})
        self.shop.has("mug", 1, at="north")
        self.shop.ships(self.shop.order(self.shop.buys(mug=1, recipient=Recipient(phone=PHONE))))
        self._comes_back(self.shop.order(self.shop.buys(mug=1)))
        loss = WriteOffStock(
            location_id=self.shop.locations["north"],
            lines=(StockLine(sku=sku, pieces=1),),
            reason="broken",
        )
        self._run(write_off_stock, loss)  # of two that are promised: an exception
        person = CustomerDraft(source=f"till{number}", external_id="4711", given_name="Ana")
        self._run(put_customer, PutCustomer(customer=person))
        self._is_hers(number)
        self._run(create_account, CreateAccount(email=f"a{number}@shop.example", name="Ana"))
        digest = digest_of(new_token("key")).hex()
        key = IssueKey(label="till", digest=digest, roles=(KeyRole(role="analyst"),))
        self._run(issue_key, key)
        self._is_paid_otherwise(number)
        self.till.takes_back(self.till.asks(self.shop.buys(mug=1), 100))
        self.till.works()
        self.till.ends_the_day(())
        with self.hub.writing("test") as tx:
            while deliver(tx, note_deliveries):
                pass

    def _is_hers(self, number: int) -> None:
        """She buys for collection, the store says no, and she says what she may be told."""
        north = self.shop.locations["north"]
        more = {"kind": "pickup", "location_id": north, "customer_id": self.customer}
        task = self.shop.order(self.shop.buys(mug=1, **more)).fulfillments[0].id
        self._run(reject, RejectFulfillment(fulfillment_id=task, reason="busy"))
        said = SetConsent(
            customer_id=self.customer,
            purpose="marketing",
            channel="email",
            is_granted=bool(number % 2),
            source="till",
            wording=f"v{number}",
        )
        self._run(set_consent, said)

    def _is_paid_otherwise(self, number: int) -> None:
        """A provider says what the books do not, and has promised what nobody wants."""
        theirs = Figures(currency="EUR", promised_minor=0, taken_minor=9, given_back_minor=0)
        name = f"stray-{number}"
        stray = Judged(reference=name, kind="missing_in_books", ours=None, theirs=theirs)
        with self.hub.writing("test") as tx:
            keep_differences(tx, "bank", [stray])
            was = ask(tx, cart=tx.new_id(), provider="test", amount_minor=9, currency="EUR")
            let_go(tx, take_answer(tx, was, Authorized(reference=name)), reason="too_late")

    def _comes_back(self, order: OrderView) -> None:
        self.shop.ships(order)
        line = ReturnLine(line_id=order.lines[0].id, quantity=1, condition="quarantine")
        north = self.shop.locations["north"]
        back = ReturnGoods(order_id=order.id, location_id=north, lines=(line,), reason="broken")
        self._run(return_goods, back)

    def _run(self, verb: Any, ask: Any) -> None:
        self.hub.run(verb, ask, actor=SYSTEM)

    def asks_for(self, name: str) -> dict[str, Any]:
        """What a list must be told to have rows."""
        north, mug = self.shop.locations["north"], self.shop.variants["mug"]
        return {
            "stock.levels": {"location_id": north},
            "stock.movements": {"location_id": north, "variant_id": mug},
            "customers.find": {"text": "4711"},
            "customers.consents": {"customer_id": self.customer},
            "identity.timeline": {"customer_id": self.customer},
            "orders.to_inspect": {"location_id": north},
            "orders.terminal_payments": {"terminal_id": self.till.terminal},
            "orders.terminal_closings": {"terminal_id": self.till.terminal},
            "orders.returnable": {"location_id": north, "text": PHONE},
            "webhooks.deliveries": {"endpoint_id": self.endpoint},
            "catalog.search": {"text": "cup", "with_facets": False},
            "ucp.search_goods": {"text": "cup"},
        }.get(name, {})

    def page(self, name: str, **more: Any) -> tuple[list[bytes], str | None]:
        """The rows of a page, and the mark of the next."""
        one = LISTS[name]
        ask = one.ask_type(**self.asks_for(name), **more)
        is_own = name in {"identity.own_data", "identity.own_timeline"}
        actor = customer_actor(self.customer) if is_own else SYSTEM
        answer = self.hub.run(one, ask, actor=actor)
        return [_known_by(row) for row in _rows(answer)], answer.next


def _rows(answer: Any) -> Any:
    """What is listed: the items, else the first field of the answer that is a list."""
    names = sorted(answer.__struct_fields__, key=lambda name: name != "items")
    values = (getattr(answer, name) for name in names)
    return next(value for value in values if isinstance(value, tuple))


def _known_by(row: Any) -> bytes:
    """The row without what changes: how much there is of it."""
    kept = msgspec.to_builtins(row)
    for changing in ("on_hand", "held", "missing", "state", "attempts", "due_at"):
        kept.pop(changing, None)
    return msgspec.json.encode(kept)


@pytest.fixture(scope="module")
def grown(server: str, template: str) -> Iterator[Begun[Growing]]:
    with begun(server, template, Growing) as one:
        yield one


@pytest.fixture
def database(server: str, grown: Begun[Growing]) -> Iterator[str]:
    with copied(server, grown.name) as name:
        yield in_database(server, name)


@pytest.fixture
def growing(hub: Hub, grown: Begun[Growing]) -> Growing:
    return grown.state.on(hub)


def _nothing() -> None:
    """What comes in when nothing comes in."""


def _walk(
    growing: Growing, name: str, limit: int, meanwhile: Callable[[], None]
) -> Iterator[bytes]:
    after = None
    while True:
        rows, after = growing.page(name, limit=limit, after=after)
        assert len(rows) <= limit
        yield from rows
        if after is None:
            return
        meanwhile()


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_with_a_limit_can_be_read_to_its_end(name: str) -> None:
    assert "after" in LISTS[name].ask_type.__struct_fields__
    assert "next" in LISTS[name].answer_type.__struct_fields__
    assert "page_unknown" in {error.code for error in LISTS[name].raises}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_pages_give_each_row_once(growing: Growing, name: str) -> None:
    whole = list(_walk(growing, name, 50, _nothing))

    assert len(whole) == len(set(whole)) >= ROWS
    for limit in (1, 2, 3):
        assert list(_walk(growing, name, limit, _nothing)) == whole, limit


@pytest.mark.parametrize("name", sorted(set(LISTS) - BY_RANK))
def test_pages_stay_right_while_rows_come_in(growing: Growing, name: str) -> None:
    """Search goes by rank, which every product changes, and promises less."""
    before = list(_walk(growing, name, 50, _nothing))
    left = iter([growing.grow, growing.grow])

    def meanwhile() -> None:
        next(left, _nothing)()

    walked = list(_walk(growing, name, 2, meanwhile))

    assert len(walked) == len(set(walked))
    assert [row for row in walked if row in before] == before


def test_pages_by_count_are_found_out(growing: Growing) -> None:
    """The unsafe control: a page that begins after so many rows shows one again."""
    walked: list[bytes] = []
    for start in (0, 5, 10):
        rows, _ = growing.page("orders.list", limit=50)
        walked += rows[start : start + 5]
        growing.grow()

    assert len(walked) > len(set(walked))


@pytest.mark.parametrize(
    "mark", ["", "x", "MTIz", "ž", "WyJhIiwiYSIsImEiLCJhIiwiYSJd", "eyJhIjoxfQ", "WzFd" * 99]
)
def test_a_made_up_mark_is_refused(growing: Growing, mark: str) -> None:
    for name in LISTS:
        with pytest.raises(Exception) as refused:
            growing.page(name, after=mark)
        assert getattr(refused.value, "code", None) == "page_unknown", name
