"""Laws of carts that need no database."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from charsu.kernel import Actor, Grant
from charsu.kernel.ledger import Hold
from charsu.shopping.model import Line, excess, held_by_line, may_touch, merged_quantity, missing

LINE = Line(UUID(int=1), UUID(int=2), 1, 0, "H87")
pieces = st.integers(1, 50)
some = st.integers(0, 100)


def hold(number: int, open_pieces: int) -> Hold:
    nobody = UUID(int=0)
    return Hold(UUID(int=number), nobody, LINE.id, 60, open_pieces, nobody, nobody, None)


@given(st.lists(pieces, max_size=6), some)
def test_what_goes_back_leaves_exactly_what_is_wanted_and_no_hold_gives_more_than_it_has(
    held: list[int], wanted: int
) -> None:
    holds = [hold(number, count) for number, count in enumerate(held)]

    going = excess(holds, wanted)

    assert sum(held) - sum(going.values()) == min(wanted, sum(held))
    assert all(0 < count <= held[identity.int] for identity, count in going.items())


@given(st.lists(pieces, max_size=6), pieces)
def test_what_is_missing_and_what_is_held_make_up_what_is_wanted(
    held: list[int], wanted: int
) -> None:
    line = Line(LINE.id, LINE.variant_id, wanted, 0, "H87")

    by_line = held_by_line([hold(number, count) for number, count in enumerate(held)])

    assert sum(want.quantity for want in missing([line], by_line)) == max(0, wanted - sum(held))


@given(own=some, more=pieces, offered=some)
def test_merged_lines_are_neither_fewer_than_hers_nor_none_nor_more_than_both(
    own: int, more: int, offered: int
) -> None:
    merged = merged_quantity(own=own, more=more, offered=offered)

    assert max(own, 1) <= merged <= own + more
    assert merged <= max(own, offered, 1)


def test_no_grant_lets_a_shopper_see_to_the_carts_of_others() -> None:
    everything = (Grant(frozenset({"*"})),)
    owner, other = UUID(int=1), UUID(int=2)

    assert may_touch(Actor(owner, "guest"), "guest", owner)
    assert not may_touch(Actor(owner, "customer", everything), "guest", owner)
    assert not may_touch(Actor(other, "customer", everything), "customer", owner)
    assert not may_touch(Actor(other, "guest", everything), "guest", owner)
    assert may_touch(Actor(other, "staff", everything), "guest", owner)
    assert not may_touch(Actor(other, "staff", (Grant(frozenset({"orders.*"})),)), "guest", owner)
