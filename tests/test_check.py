"""``check`` finds what is wrong and names the row; each corruption is planted by plain SQL."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from charsu.assembly import checks, chores
from charsu.kernel import SYSTEM
from charsu.kernel.check import Verdict, run_checks
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import (
    BuyLine,
    ExchangeGoods,
    PayOrder,
    Recipient,
    RefundOrder,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    exchange_goods,
    pay_order,
    refund_order,
    return_goods,
    ship_parcel,
)
from charsu.orders.operations import book_parcel
from charsu.orders.operations.book_parcel import BookParcel
from charsu.orders.operations.terminals.close import PrintedTotals
from charsu.pricing import CouponDraft, CouponTerms, PutCoupon, put_coupon
from charsu.stock import write_off_stock
from charsu.stock.documents import StockLine
from charsu.stock.operations.write_off import WriteOffStock
from tests.databases import begun, copied, in_database
from tests.orders.store import counter_for
from tests.orders.till import Till
from tests.shop import Shop


@pytest.fixture(scope="module")
def busy(server: str, template: str) -> Iterator[str]:
    """A shop in which all of it has happened."""
    with begun(server, template, lambda hub: do_business(Shop(hub))) as one:
        yield one.name


@pytest.fixture
def database(server: str, busy: str) -> Iterator[str]:
    """A copy of it for one test."""
    with copied(server, busy) as name:
        yield in_database(server, name)


def do_business(shop: Shop) -> None:
    """Orders waiting, shipped, returned and refunded; a coupon used; a shortage open."""
    for sku, price in (("mug", 1_000), ("cup", 333), ("jug", 2_500)):
        shop.has(sku, 20, at="north")
        shop.costs(sku, price)
    draft = CouponDraft(
        code="TEN",
        discount_ppm=100_000,
        terms=(CouponTerms(currency="EUR"),),
        limit_total=5,
    )
    shop.hub.run(put_coupon, PutCoupon(coupon=draft), actor=SYSTEM)
    sold = shop.buys(mug=2, cup=3, codes=("TEN",), external_id="A-1")
    sell_and_take_back(shop, sold)
    shop.buys(mug=4, external_id="A-2", codes=("TEN",))
    give_back_whole(shop)
    short = shop.buys(jug=18)
    write_off = WriteOffStock(
        location_id=shop.locations["north"],
        lines=(StockLine(sku="jug", pieces=5),),
        reason="damaged",
    )
    shop.hub.run(write_off_stock, write_off, actor=SYSTEM, key="w1")
    assert shop.order(short).state == "open"
    exchange_one(shop)
    exchange_evenly(shop)
    pay_on_a_terminal(shop)
    fall_short(shop)
    label_one(shop)


def label_one(shop: Shop) -> None:
    """A parcel with a label, which is still to be given to its carrier."""
    shop.has("lid", 5, at="north")
    shop.costs("lid", 300)
    offered = ChangeSetting(name="orders.test_carrier", value=True)
    shop.hub.run(change_setting, offered, actor=SYSTEM)
    home = Recipient(name="Ana", street="Nova 1", town="Niš", postcode="18000")
    counter = counter_for(shop, shop.buys(lid=1, external_id="A-6", recipient=home))
    counter.do(book_parcel, BookParcel, carrier="test")
    (processes,) = [one for one in chores() if one.name == "kernel.run_processes"]
    while processes.do(shop.hub):
        pass


def pay_on_a_terminal(shop: Shop) -> None:
    """One that is in the day's end, one that waits for the card."""
    till = Till(shop, "test_terminal")
    for _ in range(2):
        paid = till.asks(shop.buys(cup=1), 100)
        till.works()
        till.works(timedelta(seconds=2))
    assert till.state(paid) == "paid"
    till.ends_the_day((PrintedTotals(currency="EUR", taken_minor=200),))
    till.asks(shop.buys(cup=1), 100)
    shop.hub.offset = timedelta()


def exchange_one(shop: Shop) -> None:
    """A bowl that was paid in two ways for another, and money back."""
    shop.has("bowl", 5, at="north")
    shop.has("spoon", 5, at="north")
    shop.costs("bowl", 900)
    shop.costs("spoon", 600)
    order = shop.order(shop.buys(bowl=1, external_id="A-5"))
    for part in (400, 500):
        shop.pays_cash(order.id, part)
    shop.ships(order)
    ask = ExchangeGoods(
        order_id=order.id,
        location_id=shop.locations["north"],
        lines=(ReturnLine(line_id=order.lines[0].id, quantity=1),),
        takes=(BuyLine(variant_id=shop.variants["spoon"], quantity=1),),
        reason="too_small",
    )
    shop.hub.run(exchange_goods, ask, actor=SYSTEM)


def exchange_evenly(shop: Shop) -> None:
    """One plate for another, at the price that was paid for it."""
    shop.has("plate", 5, at="north")
    shop.costs("plate", 800)
    order = shop.order(shop.buys(plate=1, external_id="A-7"))
    shop.pays_cash(order.id, 800)
    shop.ships(order)
    shop.costs("plate", 900)
    ask = ExchangeGoods(
        order_id=order.id,
        location_id=shop.locations["north"],
        lines=(ReturnLine(line_id=order.lines[0].id, quantity=1),),
        takes=(BuyLine(variant_id=shop.variants["plate"], quantity=1),),
        reason="scratched",
        expected_difference_minor=0,
    )
    shop.hub.run(exchange_goods, ask, actor=SYSTEM)


def fall_short(shop: Shop) -> None:
    """A store finds one of three jars; another does not come to lay out what it was asked."""
    shop.has("jar", 20, at="north")
    shop.costs("jar", 700)
    counter = counter_for(
        shop,
        shop.buys(jar=3, kind="pickup", location_id=shop.locations["north"], external_id="A-4"),
    )
    counter.accepts()
    counter.finds(jar=1)


def give_back_whole(shop: Shop) -> None:
    order = shop.order(shop.buys(cup=2, external_id="A-3"))
    shop.pays_cash(order.id, order.total_minor)
    shop.ships(order)
    shop.hub.offset = timedelta(minutes=1)
    for amount in (111, order.total_minor - 111):
        shop.refunds(order.id, amount)
    shop.hub.offset = timedelta()


def sell_and_take_back(shop: Shop, sold: object) -> None:
    order = shop.order(sold)
    shop.hub.run(
        pay_order,
        PayOrder(order_id=order.id, amount_minor=order.total_minor, method="card", reference="p-1"),
        actor=SYSTEM,
    )
    parcel = ShipParcel(fulfillment_id=order.fulfillments[0].id, carrier="post")
    shop.hub.run(ship_parcel, parcel, actor=SYSTEM)
    taken = shop.hub.run(
        return_goods,
        ReturnGoods(
            order_id=order.id,
            location_id=shop.locations["north"],
            lines=(ReturnLine(line_id=order.lines[1].id, quantity=1),),
            reason="broken",
        ),
        actor=SYSTEM,
    )
    refund = RefundOrder(
        order_id=order.id,
        reason="returned",
        goods_minor=taken.refund_minor,
        return_id=taken.return_id,
    )
    shop.hub.run(refund_order, refund, actor=SYSTEM)


def verdicts(database: str) -> dict[str, Verdict]:
    with psycopg.connect(database) as connection:
        return {verdict.name: verdict for verdict in run_checks(connection, checks())}


def test_a_shop_that_was_not_touched_is_clean_and_was_looked_at(database: str) -> None:
    found = verdicts(database)

    assert [v for v in found.values() if not v.is_clean] == []
    empty = {name for name, verdict in found.items() if not verdict.looked_at}
    assert empty & INVARIANTS == set()


DROP = "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {} CASCADE;"
FREE_BALANCES = "".join(
    DROP.format("ledger.balances", f"balances_{name}")
    for name in (
        "nothing_below_zero",
        "holds_are_positive",
        "shortages_are_positive",
        "nothing_promised_twice",
    )
)
FREE_HOLDS = "".join(
    DROP.format("ledger.holds", f"holds_{name}")
    for name in (
        "something_is_held",
        "resolved_forward_only",
        "resolved_once",
        "one_state",
        "live_until_resolved",
    )
)
FREE_TRANSFERS = DROP.format("ledger.transfers", "transfers_something_moves") + DROP.format(
    "ledger.transfers", "transfers_to_another_account"
)
FREE_EXCEPTIONS = "DROP INDEX stock.one_open_exception_to_an_account;" + DROP.format(
    "stock.exceptions", "exceptions_open_while_something_is_missing"
)
FREE_EFFECTS = DROP.format("kernel.effects", "one_key_one_effect")
FREE_ORDERS = (
    "DROP INDEX orders.one_order_for_one_external_id;"
    + DROP.format("orders.orders", "orders_cart_id_key")
    + DROP.format("orders.orders", "orders_number_key")
    + DROP.format("orders.orders", "orders_total_is_the_sum_of_its_parts")
    + DROP.format("orders.orders", "orders_refunds_within_captured")
)
FREE_PAYMENTS = (
    DROP.format("orders.payments", "one_order_for_one_payment_reference")
    + DROP.format("orders.payments", "payments_refunds_within_captured")
    + DROP.format("orders.payments", "payments_capture_in_bounds")
    + DROP.format("orders.payments", "payments_what_is_carried_came_in")
)
FREE_UNHAPPY = (
    DROP.format("orders.exceptions", "exceptions_somebody_sees_to_it")
    + "ALTER TABLE orders.exceptions ALTER due_by DROP NOT NULL;"
)
FREE_LABELS = DROP.format("orders.labels", "labels_order_id_fkey")
FREE_FACTS = DROP.format("kernel.facts", "facts_of_one_subject_are_numbered")
A_BALANCE = "(SELECT account_id FROM ledger.balances WHERE held > 0 AND shortage = 0 LIMIT 1)"
A_HOLD = "(SELECT id FROM ledger.holds WHERE state = 'live' AND released = 0 LIMIT 1)"
AN_ORDER = "(SELECT id FROM orders.orders WHERE external_id = 'A-2')"
PAID_ORDER = "(SELECT id FROM orders.orders WHERE external_id = 'A-1')"

# (what must be true, how it is broken, a part of the row that is named; {x} is read before)
PLANTS = [
    (
        "transfers_between_accounts",
        "UPDATE ledger.transfers SET to_account_id = gen_random_uuid() WHERE id = '{transfer}'",
        "{transfer}",
    ),
    (
        "transfers_between_accounts",
        FREE_TRANSFERS + "UPDATE ledger.transfers SET amount = -amount WHERE id = '{transfer}'",
        "{transfer}",
    ),
    (
        "transfers_between_accounts",
        "UPDATE ledger.accounts SET unit = 'KGM' WHERE kind = 'supplier'",
        "transfer",
    ),
    (
        "balances_are_sums",
        "UPDATE ledger.balances SET posted = posted + 1 WHERE account_id = '{balance}'",
        "{balance}",
    ),
    ("balances_are_sums", "DELETE FROM ledger.transfers WHERE id = '{transfer}'", "account"),
    (
        "balances_are_sums",
        "UPDATE ledger.transfers SET amount = amount + 5 WHERE id = '{transfer}'",
        "account",
    ),
    (
        "guarded_balances_not_negative",
        FREE_BALANCES + "UPDATE ledger.balances SET posted = -1 WHERE account_id = '{balance}'",
        "{balance}",
    ),
    (
        "guarded_balances_not_negative",
        FREE_BALANCES + "UPDATE ledger.balances SET held = 999 WHERE account_id = '{balance}'",
        "{balance}",
    ),
    (
        "guarded_balances_not_negative",
        FREE_BALANCES + "UPDATE ledger.balances SET shortage = 0 WHERE shortage > 0",
        "account",
    ),
    (
        "held_is_live_holds",
        "UPDATE ledger.balances SET held = held - 1 WHERE account_id = '{balance}'",
        "{balance}",
    ),
    ("held_is_live_holds", "DELETE FROM ledger.holds WHERE id = '{hold}'", "account"),
    (
        "held_is_live_holds",
        "UPDATE ledger.holds SET amount = amount + 1 WHERE id = '{hold}'",
        "account",
    ),
    (
        "holds_in_one_state",
        FREE_HOLDS + "UPDATE ledger.holds SET state = 'posted' WHERE id = '{hold}'",
        "{hold}",
    ),
    (
        "holds_in_one_state",
        FREE_HOLDS + "UPDATE ledger.holds SET state = 'lost' WHERE id = '{hold}'",
        "{hold}",
    ),
    (
        "holds_in_one_state",
        "UPDATE ledger.holds SET posted = 1 WHERE id = '{hold}' AND amount > 1",
        "{hold}",
    ),
    (
        "shortages_have_exceptions",
        "DELETE FROM stock.exceptions",
        "account",
    ),
    (
        "shortages_have_exceptions",
        "UPDATE stock.exceptions SET state = 'closed', missing = 0, closed_at = opened_at",
        "account",
    ),
    (
        "shortages_have_exceptions",
        FREE_EXCEPTIONS + "UPDATE stock.exceptions SET missing = missing + 2",
        "account",
    ),
    (
        "one_key_one_effect",
        FREE_EFFECTS
        + "INSERT INTO kernel.effects SELECT * FROM kernel.effects WHERE operation = 'orders.pay'",
        "orders.pay",
    ),
    (
        "one_key_one_effect",
        FREE_EFFECTS
        + """INSERT INTO kernel.effects
             SELECT actor_id, operation, key, sha256(ask_digest), '{{}}', at + interval '1 day'
             FROM kernel.effects WHERE operation = 'stock.write_off'""",
        "stock.write_off",
    ),
    (
        "one_key_one_effect",
        FREE_EFFECTS + "UPDATE kernel.effects SET key = 'the same', actor_id = (SELECT actor_id"
        " FROM kernel.effects ORDER BY actor_id LIMIT 1) WHERE operation = 'orders.place'",
        "the same",
    ),
    (
        "one_order_for_one_external_id",
        FREE_ORDERS + "UPDATE orders.orders SET external_id = 'A-1' WHERE external_id = 'A-2'",
        "A-1",
    ),
    (
        "one_order_for_one_external_id",
        FREE_ORDERS + "UPDATE orders.orders SET external_id = 'A-2'",
        "A-2",
    ),
    (
        "one_order_for_one_external_id",
        FREE_ORDERS + "UPDATE orders.orders SET cart_id = '00000000-0000-0000-0000-00000000000a'",
        "00000000-0000-0000-0000-00000000000a",
    ),
    *(
        (
            "one_order_for_one_payment_reference",
            FREE_PAYMENTS
            + f"""INSERT INTO orders.payments (id, order_id, provider, reference, method, currency,
                    authorized_minor, at)
                SELECT gen_random_uuid(), {order}, provider, reference, method, currency, 0, at
                FROM orders.payments""",
            "p-1",
        )
        for order in (AN_ORDER, PAID_ORDER, "(SELECT id FROM orders.orders LIMIT 1)")
    ),
    (
        "order_total_is_its_parts",
        FREE_ORDERS
        + f"UPDATE orders.orders SET total_minor = total_minor + 1 WHERE id = {AN_ORDER}",
        "{number}",
    ),
    (
        "order_total_is_its_parts",
        f"UPDATE orders.order_lines SET tax_minor = tax_minor + 1 WHERE order_id = {AN_ORDER}",
        "{number}",
    ),
    (
        "order_total_is_its_parts",
        f"UPDATE orders.order_lines SET discount_minor = 0 WHERE order_id = {AN_ORDER}",
        "{number}",
    ),
    (
        "refunds_within_captured",
        FREE_ORDERS + f"UPDATE orders.orders SET refunded_minor = 10^9 WHERE id = {AN_ORDER}",
        "{number}",
    ),
    (
        "refunds_within_captured",
        FREE_ORDERS + f"UPDATE orders.orders SET captured_minor = captured_minor - 1 "
        f"WHERE id = {PAID_ORDER}",
        "order",
    ),
    (
        "refunds_within_captured",
        "UPDATE orders.refunds SET amount_minor = amount_minor + 1, goods_minor = goods_minor + 1",
        "order",
    ),
    (
        "changes_of_orders_are_told",
        f"DELETE FROM kernel.facts WHERE subject_id = {AN_ORDER}",
        "{number}",
    ),
    (
        "changes_of_orders_are_told",
        f"UPDATE orders.orders SET version = version + 1 WHERE id = {AN_ORDER}",
        "{number}",
    ),
    (
        "changes_of_orders_are_told",
        f"UPDATE kernel.facts SET subject_id = gen_random_uuid() WHERE subject_id = {AN_ORDER}",
        "{number}",
    ),
    (
        "cursors_within_the_log",
        """INSERT INTO kernel.consumers (name, epoch, transaction, sequence, moved_at)
           VALUES ('ahead', 1, '9999999999999'::xid8, 1, now())""",
        "ahead",
    ),
    (
        "cursors_within_the_log",
        """INSERT INTO kernel.consumers (name, epoch, transaction, sequence, moved_at)
           VALUES ('ahead', 7, '1'::xid8, 1, now())""",
        "ahead",
    ),
    (
        "cursors_within_the_log",
        "INSERT INTO kernel.consumers SELECT 'reader', epoch, transaction, sequence, 0, now() FROM"
        " kernel.facts ORDER BY epoch DESC, transaction DESC, sequence DESC LIMIT 1;"
        "DELETE FROM kernel.facts WHERE (epoch, transaction, sequence) ="
        " (SELECT epoch, transaction, sequence FROM kernel.consumers WHERE name = 'reader')",
        "reader",
    ),
    (
        "parked_facts_exist",
        """INSERT INTO kernel.consumers (name, epoch, transaction, sequence, moved_at)
           VALUES ('reader', 0, '0'::xid8, 0, now());
           INSERT INTO kernel.parked VALUES ('reader', '00000000-0000-0000-0000-00000000000b',
               gen_random_uuid(), 1, 1, 'x', now(), now())""",
        "00000000-0000-0000-0000-00000000000b",
    ),
    (
        "parked_facts_exist",
        """INSERT INTO kernel.parked SELECT 'nobody', id, subject_id, 1, 1, 'x', now(), now()
           FROM kernel.facts LIMIT 1""",
        "parked fact",
    ),
    (
        "parked_facts_exist",
        """INSERT INTO kernel.consumers (name, epoch, transaction, sequence, moved_at)
           VALUES ('reader', 0, '0'::xid8, 0, now());
           INSERT INTO kernel.parked SELECT 'reader', id, subject_id, 1, 1, 'x', now(), now()
           FROM kernel.facts LIMIT 1""",
        "parked fact",
    ),
    (
        "facts_numbered_once",
        FREE_FACTS + f"UPDATE kernel.facts SET version = 1 WHERE subject_id = {PAID_ORDER}",
        "subject",
    ),
    (
        "facts_numbered_once",
        FREE_FACTS + f"UPDATE kernel.facts SET subject_id = {PAID_ORDER} WHERE name ="
        " 'orders.order_placed'",
        "subject",
    ),
    (
        "facts_numbered_once",
        FREE_FACTS + "UPDATE kernel.facts SET subject_id = '00000000-0000-0000-0000-00000000000c',"
        " version = 3",
        "00000000-0000-0000-0000-00000000000c",
    ),
    (
        "coupon_uses_within_limits",
        "UPDATE pricing.coupon_counters SET uses = uses - 1",
        "coupon",
    ),
    ("coupon_uses_within_limits", "DELETE FROM pricing.redemptions", "coupon"),
    ("coupon_uses_within_limits", "UPDATE pricing.coupons SET limit_total = 1", "coupon"),
    (
        "stock_is_the_sum_of_the_ledger",
        "UPDATE ledger.balances SET posted = posted + 1 WHERE account_id = '{balance}'",
        "H87",
    ),
    (
        "stock_is_the_sum_of_the_ledger",
        "DELETE FROM ledger.transfers WHERE id = '{transfer}'",
        "H87",
    ),
    (
        "stock_is_the_sum_of_the_ledger",
        "UPDATE ledger.accounts SET is_guarded = true WHERE kind = 'supplier'",
        "H87",
    ),
    (
        "what_waits_is_held",
        "UPDATE ledger.holds SET owner_id = gen_random_uuid() WHERE id = '{hold}'",
        "order",
    ),
    (
        "what_waits_is_held",
        f"UPDATE orders.fulfillments SET location_id = location_id, order_id = {PAID_ORDER}"
        f" WHERE order_id = {AN_ORDER}",
        "order",
    ),
    (
        "what_waits_is_held",
        "UPDATE orders.fulfillment_lines SET canceled = 1 WHERE done = 0 AND quantity = 4",
        "order",
    ),
    (
        "holds_without_end_belong_to_orders",
        "UPDATE ledger.holds SET owner_id = gen_random_uuid() WHERE id = '{hold}'",
        "{hold}",
    ),
    (
        "holds_without_end_belong_to_orders",
        """INSERT INTO ledger.holds (id, account_id, to_account_id, amount, owner_id, line_id,
                                     made_at)
           SELECT '00000000-0000-0000-0000-00000000000d', account_id, to_account_id, 1,
                  gen_random_uuid(), line_id, made_at FROM ledger.holds LIMIT 1""",
        "00000000-0000-0000-0000-00000000000d",
    ),
    (
        "holds_without_end_belong_to_orders",
        "UPDATE ledger.holds SET owner_id = id WHERE state = 'live'",
        "hold",
    ),
    (
        "an_order_given_back_whole_keeps_no_tax",
        "UPDATE orders.refunds SET tax_minor = tax_minor - 1 WHERE order_id = '{whole}'",
        "order",
    ),
    (
        "an_order_given_back_whole_keeps_no_tax",
        "UPDATE orders.orders SET tax_minor = tax_minor + 1 WHERE id = '{whole}'",
        "order",
    ),
    (
        "an_order_given_back_whole_keeps_no_tax",
        "UPDATE orders.refunds SET state = 'failed' WHERE id = (SELECT id FROM orders.refunds"
        " WHERE order_id = '{whole}' AND tax_minor > 0 LIMIT 1)",
        "order",
    ),
    (
        "payments_are_in_the_books",
        "UPDATE ledger.transfers SET amount = amount + 1 WHERE reason = 'captured'",
        "payment",
    ),
    (
        "payments_are_in_the_books",
        "DELETE FROM ledger.transfers WHERE reason = 'refunded'",
        "refund",
    ),
    (
        "payments_are_in_the_books",
        "UPDATE ledger.transfers SET cause_id = gen_random_uuid() WHERE reason = 'captured'",
        "payment",
    ),
    *(
        ("the_books_follow_the_orders", statement, "order")
        for statement in (
            "DELETE FROM ledger.transfers WHERE reason = 'earned'",
            "UPDATE ledger.transfers SET amount = amount + 1 WHERE reason = 'earned'",
            "UPDATE ledger.transfers SET from_account_id = (SELECT id FROM ledger.accounts"
            " WHERE kind LIKE 'tax:%') WHERE reason = 'earned'",
            "UPDATE ledger.transfers SET to_account_id = (SELECT id FROM ledger.accounts"
            " WHERE kind = 'order' ORDER BY id LIMIT 1) WHERE reason = 'earned'",
            "UPDATE ledger.transfers SET to_account_id = from_account_id, from_account_id ="
            " to_account_id WHERE reason IN ('captured', 'refunded')",
            "UPDATE orders.payments SET provider = 'stripe' WHERE from_payment_id IS NULL",
            "UPDATE orders.refunds SET state = 'failed'",
        )
    ),
    *(
        ("what_is_given_up_was_earned", statement, named)
        for statement, named in (
            ("DELETE FROM ledger.transfers WHERE reason = 'given_up'", "return"),
            (
                "DELETE FROM ledger.transfers t USING orders.orders o"
                " WHERE t.reason = 'given_up' AND t.cause_id = o.id",
                "order {third}",
            ),
            ("UPDATE ledger.transfers SET amount = amount * 2 WHERE reason = 'given_up'", "order"),
            (
                "UPDATE ledger.transfers SET to_account_id = (SELECT id FROM ledger.accounts"
                " WHERE kind = 'sold') WHERE reason = 'given_up'",
                "order",
            ),
            (
                "UPDATE ledger.transfers SET cause_id = gen_random_uuid()"
                " WHERE reason = 'given_up'",
                "order",
            ),
        )
    ),
    *(
        ("exchanges_carry_what_they_took", statement, "exchange")
        for statement in (
            "UPDATE orders.payments SET captured_minor = captured_minor - 1"
            " WHERE provider = 'exchange'",
            "UPDATE orders.payments SET from_payment_id = (SELECT id FROM orders.payments"
            " WHERE from_payment_id IS NULL ORDER BY id LIMIT 1) WHERE provider = 'exchange'",
            "UPDATE orders.refunds SET exchange_id = NULL",
            "UPDATE orders.exchanges SET return_id = (SELECT id FROM orders.returns"
            " ORDER BY id LIMIT 1) WHERE order_id ="
            " (SELECT id FROM orders.orders WHERE external_id = 'A-5')",
            "UPDATE orders.exchanges SET order_id ="
            " (SELECT id FROM orders.orders WHERE external_id = 'A-1')",
        )
    ),
    *(
        (
            "what_is_taken_at_the_price_paid_came_back",
            f"UPDATE orders.order_lines SET {change} WHERE exchanged_line_id IS NOT NULL",
            "order",
        )
        for change in (
            "quantity = quantity + 1",
            "total_minor = total_minor + 1",
            "variant_id = (SELECT id FROM catalog.variants WHERE sku = 'mug')",
            "exchanged_line_id = (SELECT l.id FROM orders.order_lines l JOIN orders.orders o"
            " ON o.id = l.order_id WHERE o.external_id = 'A-1' LIMIT 1)",
        )
    ),
    *(
        ("refunds_within_their_payment", FREE_PAYMENTS + statement, "payment")
        for statement in (
            "UPDATE orders.payments SET refunded_minor = captured_minor + 1",
            "UPDATE orders.payments SET refunded_minor = refunded_minor - 1"
            " WHERE refunded_minor > 0",
            "UPDATE orders.refunds SET payment_id = (SELECT id FROM orders.payments"
            " ORDER BY id LIMIT 1)",
        )
    ),
    *(
        ("lines_are_reckoned_right", statement + f" WHERE order_id = {AN_ORDER}", "{number}")
        for statement in (
            "UPDATE orders.order_lines SET unit_minor = unit_minor + 1",
            "UPDATE orders.order_lines SET discount_minor = 0",
            "UPDATE orders.order_lines SET total_minor = total_minor + 1",
            "UPDATE orders.order_lines SET quantity = quantity + 1",
        )
    ),
    (
        "lines_are_reckoned_right",
        "UPDATE orders.return_lines SET refund_minor = 100000",
        "line",
    ),
    *(
        ("orders_are_as_far_as_their_lines", statement, "order")
        for statement in (
            f"UPDATE orders.orders SET state = 'fulfilled' WHERE id = {AN_ORDER}",
            f"UPDATE orders.orders SET payment_state = 'paid' WHERE id = {AN_ORDER}",
            "UPDATE orders.orders SET payment_state = 'partly_refunded' WHERE id = '{whole}'",
            f"UPDATE orders.order_lines SET canceled = 1 WHERE order_id = {AN_ORDER};"
            f"UPDATE orders.orders SET payment_state = 'void' WHERE id = {AN_ORDER}",
        )
    ),
    *(
        ("coupons_are_in_the_discount", statement, named)
        for statement, named in (
            ("DELETE FROM pricing.redemptions", "{number}"),
            ("UPDATE pricing.redemptions SET order_id = gen_random_uuid()", "redemption of"),
            ("UPDATE pricing.redemptions SET discount_minor = discount_minor + 1", "{number}"),
            ("UPDATE pricing.redemptions SET currency = 'PLN'", "{number}"),
        )
    ),
    *(
        ("open_exceptions_have_an_owner_and_a_timer", FREE_UNHAPPY + statement, "exception")
        for statement in (
            "UPDATE orders.exceptions SET owner = ''",
            "UPDATE orders.exceptions SET owner = 'the moon' WHERE kind = 'short'",
            "UPDATE orders.exceptions SET due_by = NULL WHERE kind = 'recount'",
            "UPDATE orders.exceptions SET options = '{{}}' WHERE kind = 'short'",
        )
    ),
    *(
        ("labels_name_nobody_in_vain", FREE_LABELS + statement, "label")
        for statement in (
            "UPDATE orders.parcels SET state = 'refused'",
            "DELETE FROM orders.recipients",
            "UPDATE orders.labels SET order_id = '{whole}'",
            "INSERT INTO orders.shipments (id, fulfillment_id, carrier, tracking_number, lines,"
            " shipped_at, state) SELECT id, fulfillment_id, carrier, tracking_number, lines,"
            " asked_at, 'collected' FROM orders.parcels",
        )
    ),
    *(
        ("what_was_ordered_is_seen_to", FREE_UNHAPPY + statement, "line")
        for statement in (
            "UPDATE orders.exceptions SET lines = '{{}}' WHERE kind = 'short'",
            "UPDATE orders.exceptions SET closed_at = now(), outcome = 'done'",
            "DELETE FROM orders.exceptions",
            "UPDATE orders.order_lines SET canceled = canceled + 1 WHERE sku = 'jar'",
        )
    ),
    *(
        ("what_went_wrong_has_an_exception", statement, "fulfillment")
        for statement in (
            "DELETE FROM orders.exceptions",
            "UPDATE orders.exceptions SET kind = 'late' WHERE kind = 'short'",
            "UPDATE orders.shipments SET state = 'lost'",
            "UPDATE kernel.facts SET name = 'orders.pickup_not_collected'"
            " WHERE name = 'orders.fulfillment_accepted'",
        )
    ),
    *(
        ("what_a_terminal_took_is_booked", statement, "terminal payment")
        for statement in (
            "UPDATE orders.terminal_payments SET amount_minor = 101 WHERE state = 'paid'",
            "UPDATE orders.payments SET reference = 'another' WHERE provider = 'test_terminal'"
            " AND id = (SELECT max(id::text)::uuid FROM orders.payments"
            " WHERE provider = 'test_terminal')",
            "UPDATE orders.terminal_payments SET state = 'declined', payment_id = NULL,"
            " reference = NULL WHERE state = 'paid'",
            "UPDATE orders.terminal_payments SET order_id = (SELECT id FROM orders.orders LIMIT 1)",
        )
    ),
    *(
        ("terminals_go_on_or_are_seen", statement, "terminal payment")
        for statement in (
            "DELETE FROM kernel.processes WHERE kind = 'orders.terminal_payment'",
            "UPDATE kernel.processes SET state = 'done', ended_at = now()"
            " WHERE kind = 'orders.terminal_payment'",
            "UPDATE orders.terminal_payments SET state = 'canceled', ended_at = now()"
            " WHERE state = 'asked'",
        )
    ),
    *(
        ("day_ends_are_what_was_taken", statement, "day-end")
        for statement in (
            "UPDATE orders.terminal_payments SET closing_id = NULL",
            "UPDATE orders.terminal_closings SET totals = '[]'",
            "UPDATE orders.terminal_payments SET amount_minor = amount_minor + 1",
            "UPDATE orders.refunds SET closing_id = (SELECT id FROM orders.terminal_closings)",
        )
    ),
    *(
        ("one_placing_one_order", statement, "order")
        for statement in (
            "INSERT INTO kernel.effects SELECT actor_id, operation, key || '-2', ask_digest,"
            " answer, at FROM kernel.effects WHERE operation = 'orders.place'",
            "INSERT INTO kernel.effects SELECT gen_random_uuid(), operation, key, ask_digest,"
            " answer, at FROM kernel.effects WHERE operation = 'orders.place'",
            "UPDATE kernel.effects SET answer ="
            " jsonb_set(answer::jsonb, '{{order_id}}', to_jsonb(gen_random_uuid()))::text"
            " WHERE operation = 'orders.place'",
        )
    ),
]
INVARIANTS = {name for name, _, _ in PLANTS} - {"parked_facts_exist"}


@pytest.mark.parametrize(("name", "statement", "named"), PLANTS)
def test_a_planted_corruption_is_found_and_its_row_named(
    database: str, name: str, statement: str, named: str
) -> None:
    with psycopg.connect(database) as connection:
        targets = read_targets(connection)
        connection.execute(statement.format(**targets))

    verdict = verdicts(database)[name]

    assert not verdict.is_clean
    assert any(named.format(**targets) in finding.row for finding in verdict.findings)


def read_targets(connection: psycopg.Connection) -> dict[str, object]:
    def one(statement: str) -> object:
        row = connection.execute(statement).fetchone()
        assert row is not None
        return row[0]

    return {
        "transfer": one("SELECT id FROM ledger.transfers WHERE reason = 'receipt' LIMIT 1"),
        "balance": one(f"SELECT {A_BALANCE}"),
        "hold": one(f"SELECT {A_HOLD}"),
        "whole": one("SELECT id FROM orders.orders WHERE external_id = 'A-3'"),
        "number": one("SELECT number FROM orders.orders WHERE external_id = 'A-2'"),
        "third": one("SELECT number FROM orders.orders WHERE external_id = 'A-3'"),
    }
