"""What belongs together goes in together or not at all."""

import pytest
from msgspec import Struct

from charsu.kernel.intake import (
    BadCell,
    Field,
    GroupShape,
    Limits,
    Outcome,
    Reason,
    RowShape,
    code,
    run_import,
    whole,
)

EMPTY_ORDER = Reason("empty_order", "The order has no pieces.", "Give a quantity.")


class Line(Struct, frozen=True):
    order: str
    sku: str
    quantity: int


class Order(Struct, frozen=True):
    number: str
    lines: tuple[Line, ...]


def order_of(lines):
    if not any(line.quantity for line in lines):
        raise BadCell(EMPTY_ORDER)
    return Order(lines[0].order, tuple(lines))


def orders(limit=10_000):
    fields = [
        Field("order", code(max=20), required=True),
        Field("sku", code(max=20), required=True),
        Field("quantity", whole(), required=True),
    ]
    return GroupShape(
        RowShape(Line, fields),
        by="order",
        build=order_of,
        limits=Limits(group_rows=limit),
    )


@pytest.fixture
def take(write):
    """The orders that a file with these lines gives, and the report."""

    def run(*lines, shape=None, chunk=2):
        stored = []

        def apply(batch):
            stored.extend(batch.values)
            return [Outcome("created", order.number) for order in batch.values]

        path = write("orders.csv", "\n".join(["order,sku,quantity", *lines]) + "\n")
        report = run_import(path, shape or orders(), apply, chunk=chunk)
        return {order.number: len(order.lines) for order in stored}, report

    return run


def found(report):
    return [(problem.line, problem.code) for problem in report.problems]


def test_neighbouring_rows_make_one_order_whatever_the_chunk(take):
    stored, report = take("1,a,1", "1,b,1", "1,c,1", "2,a,1", "3,a,2", "3,b,1")

    assert stored == {"1": 3, "2": 1, "3": 2}
    assert (report.rows_stored, report.created) == (6, 3)


def test_one_bad_line_holds_its_whole_order_back(take):
    stored, report = take("1,a,1", "1,b,x", "1,c,1", "2,a,1")

    assert stored == {"2": 1}
    assert found(report) == [(2, "held_back"), (3, "not_a_number"), (4, "held_back")]
    assert (report.rows_reported, report.refused) == (3, 1)


def test_a_row_torn_apart_inside_an_order_holds_it_back(take):
    stored, report = take("1,a,1", "1,b,1,and,more", "1,c,1", "2,a,1")

    assert stored == {"2": 1}
    assert (3, "wrong_cell_count") in found(report)
    assert report.rows_reported == 3


def test_a_row_torn_apart_between_orders_stands_for_itself(take):
    stored, report = take("1,a,1", "torn", "2,a,1")

    assert stored == {"1": 1, "2": 1}
    assert found(report) == [(3, "wrong_cell_count")]


def test_a_row_without_a_number_stands_for_itself(take):
    stored, report = take(",a,1", "1,a,1", ",b,1")

    assert stored == {"1": 1}
    assert found(report) == [(2, "missing"), (4, "missing")]


def test_an_order_that_comes_again_is_refused_with_the_first_line(take):
    stored, report = take("1,a,1", "2,a,1", "1,b,1", "1,c,1")

    assert stored == {"1": 1, "2": 1}
    assert found(report) == [(4, "duplicate_row")]
    assert report.problems[0].data == {"first": 2}
    assert report.rows_reported == 2


def test_the_rest_of_a_refused_order_does_not_pass_for_the_whole(take):
    stored, report = take("1,a,1", "1,b,x", "2,a,1", "1,c,1")

    assert stored == {"2": 1}
    assert found(report) == [(2, "held_back"), (3, "not_a_number"), (5, "duplicate_row")]


def test_many_torn_rows_after_an_order_do_not_make_it_too_large(take):
    stored, report = take("1,a,1", *["torn"] * 9, "2,a,1", shape=orders(limit=4))

    assert stored == {"1": 1, "2": 1}
    assert report.counts == {"row: wrong_cell_count": 9}


def test_a_rule_over_all_lines_refuses_the_order(take):
    stored, report = take("1,a,0", "1,b,0", "2,a,1")

    assert stored == {"2": 1}
    assert found(report) == [(2, "empty_order"), (3, "held_back")]


def test_more_lines_than_belong_together_are_refused_one_by_one(take):
    stored, report = take(*["1,a,1"] * 10, "2,a,1", shape=orders(limit=4))

    assert stored == {"2": 1}
    assert report.counts == {"order: group_too_large": 10}
    assert report.rows_in == 11


def test_exactly_as_many_lines_as_belong_together_go_in(take):
    assert take(*["1,a,1"] * 4, "2,a,1", shape=orders(limit=4))[0] == {"1": 4, "2": 1}
