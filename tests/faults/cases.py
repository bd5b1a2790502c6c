"""Every request whose calls to the database fail, one after the other."""

from collections.abc import Callable

import pytest

from tests.faults.carts import CART_CASES
from tests.faults.payments import PAYMENT_CASES
from tests.faults.people import PEOPLE_CASES
from tests.faults.requests import ORDER_CASES, Bazaar, Request
from tests.faults.terminals import TERMINAL_CASES

CASES: dict[str, Callable[[Bazaar], Request]] = {
    **ORDER_CASES,
    **CART_CASES,
    **PAYMENT_CASES,
    **PEOPLE_CASES,
    **TERMINAL_CASES,
}

# Before each commit these stand for all; the others take minutes.
QUICK = {"place", "pay", "complete_a_cart", "pay_a_cart"}

EVERY_CASE = [
    pytest.param(case, id=name, marks=() if name in QUICK else pytest.mark.torture)
    for name, case in CASES.items()
]
