"""A shop in which much went otherwise than was promised."""

from datetime import timedelta
from uuid import UUID, uuid4

from charsu.kernel import SYSTEM
from charsu.kernel.access import (
    CreateAccount,
    GrantRole,
    Invite,
    accept_invitation,
    create_account,
    digest_of,
    grant_role,
    invite,
    new_token,
)
from charsu.kernel.log.consume import ATTEMPTS_MAX
from charsu.kernel.webhooks.operations import AddWebhookEndpoint, add_endpoint
from charsu.orders.reconciling.differing import Judged, keep_differences
from charsu.orders.reconciling.model import Figures
from charsu.orders.watching import watch_exceptions, watch_steps
from charsu.stock import Place, write_off_stock
from charsu.stock.documents import StockLine
from charsu.stock.operations.write_off import WriteOffStock
from tests.failing import fail_to_react
from tests.orders.store import Counter, counter_for
from tests.orders.till import Till
from tests.shop import Shop

STORES = {"Knez Mihailova": Place(44.8, 20.4), "Nowy Świat": Place(52.2, 21.0)}
GOODS = {"teapot": 4_990, "blanket": 12_900, "lamp": 18_450}


def troubled(shop: Shop) -> Shop:
    """Pick-ups that were refused, short, late or left behind; money that does not add up."""
    for store, place in STORES.items():
        shop.location(store, place)
        for sku in GOODS:
            shop.has(sku, 10, at=store)
    for sku, minor in GOODS.items():
        shop.costs(sku, minor)
    late = picks_up(shop, "Knez Mihailova", blanket=1)
    assert late.task.step == "asked"
    shop.hub.offset = timedelta(days=3)
    watch_steps(shop.hub)
    shop.hub.offset = timedelta(days=3, hours=9)
    watch_exceptions(shop.hub)
    picks_up(shop, "Knez Mihailova", teapot=2, lamp=1).rejects("not_found")
    picks_up(shop, "Nowy Świat", blanket=2).rejects("busy")
    till = Till(shop, "test_terminal", at="Knez Mihailova")
    till.asks(shop.buys(lamp=1), 18_406)
    till.works()
    theirs = Figures(currency="EUR", promised_minor=0, taken_minor=9_900, given_back_minor=0)
    stray = Judged(reference="pi_3Nq8stray", kind="missing_in_books", ours=None, theirs=theirs)
    with shop.hub.writing("test.reconcile") as tx:
        keep_differences(tx, "stripe", [stray])
    lose_goods(shop)
    dead_letter(shop)
    fail_to_react(shop.hub, attempts=ATTEMPTS_MAX)
    shop.hub.offset += timedelta(hours=5)
    return shop


def picks_up(shop: Shop, store: str, **pieces: int) -> Counter:
    """A pick-up that is paid."""
    placed = shop.buys(kind="pickup", location_id=shop.locations[store], **pieces)
    shop.pays_cash(placed.order_id, placed.total_minor)
    return counter_for(shop, placed)


def lose_goods(shop: Shop) -> None:
    """More is promised than is there."""
    shop.has("mirror", 2, at="Nowy Świat")
    shop.costs("mirror", 7_000)
    shop.buys(mirror=2, kind="pickup", location_id=shop.locations["Nowy Świat"])
    lost = (StockLine(sku="mirror", pieces=1),)
    at = shop.locations["Nowy Świat"]
    ask = WriteOffStock(location_id=at, lines=lost, reason="damaged")
    shop.hub.run(write_off_stock, ask, actor=SYSTEM)


def dead_letter(shop: Shop) -> UUID:
    """A receiver that did not take what was sent."""
    ask = AddWebhookEndpoint(url="https://erp.example/charsu", events=("*",), name="ERP")
    endpoint = shop.hub.run(add_endpoint, ask, actor=SYSTEM).endpoint_id
    with shop.hub.writing("test.dead_letter") as tx:
        tx.run(
            """
            INSERT INTO kernel.webhook_deliveries
                (endpoint_id, fact_id, state, attempts, created_at, due_at, last_problem)
            SELECT %(endpoint)s, id, 'dead', 10, at, at, 'status_503'
            FROM kernel.facts WHERE name = 'orders.order_placed'
            """,
            endpoint=endpoint,
        )
    return endpoint


PASSWORD = "grapes on the balcony"


def member(shop: Shop, role: str, *, at: str | None = None) -> str:
    """Somebody with a role at one store, or everywhere; the address that she signs in with."""
    email = f"{role}-{uuid4().hex[:6]}@shop.example"
    hub = shop.hub
    account = hub.run(create_account, CreateAccount(email=email, name="Mila"), actor=SYSTEM)
    place = shop.locations[at] if at else None
    grant = GrantRole(account_id=account.account_id, role=role, location_id=place)
    hub.run(grant_role, grant, actor=SYSTEM)
    token = new_token("invitation")
    ask = Invite(account_id=account.account_id, token_digest=digest_of(token).hex())
    hub.run(invite, ask, actor=SYSTEM)
    accept_invitation(hub, token=token, password=PASSWORD)
    return email
