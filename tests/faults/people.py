"""One request to each operation by which customers come in and are known."""

from uuid import UUID

from charsu.customers import (
    AddIdentifier,
    CustomerDraft,
    MergeCustomers,
    PutCustomer,
    SetConsent,
    UndoMerge,
    add_identifier,
    merge_customers,
    put_customer,
    set_consent,
    undo_merge,
)
from charsu.identity import (
    BeginErasure,
    BeginSignIn,
    DisablePlatform,
    EraseCustomer,
    EraseHerself,
    FinishSignIn,
    RegisterPlatform,
    ReplacePlatformProof,
    begin_erasure,
    begin_sign_in,
    disable_platform,
    erase_customer,
    erase_herself,
    finish_sign_in,
    register_platform,
    replace_platform_proof,
)
from charsu.identity.codes import code_of
from charsu.identity.operations import choose_instead
from charsu.kernel import SYSTEM, Actor
from charsu.kernel.access import customer_actor, digest_of, guest_actor, new_token, shop_secret
from charsu.orders import ChooseInstead, Recipient
from charsu.orders.operations import issue_credit
from charsu.orders.operations.issue_credit import IssueCredit
from tests.faults.carts import Cart
from tests.faults.requests import Bazaar, Request
from tests.orders.store import counter_for


def _known(bazaar: Bazaar) -> UUID:
    draft = CustomerDraft(email=f"{bazaar.new_id()}@example.com")
    return bazaar.hub.run(put_customer, PutCustomer(customer=draft), actor=SYSTEM).customer_id


def _finishing(bazaar: Bazaar, guest: Actor) -> Request:
    """The right code, for an address that nobody was known by."""
    begin = BeginSignIn(email=f"{bazaar.new_id()}@example.com")
    challenge = bazaar.hub.run(begin_sign_in, begin, actor=guest).challenge_id
    code = _code_of(bazaar, challenge)
    digest = digest_of(new_token("customer")).hex()
    ask = FinishSignIn(challenge_id=challenge, code=code, token_digest=digest)
    return Request(finish_sign_in, ask, guest)


def _code_of(bazaar: Bazaar, challenge: UUID) -> str:
    with bazaar.hub.writing("test.code") as tx:
        return code_of(shop_secret(tx, "identity"), challenge)


def choose_instead_of_what_is_missing(bazaar: Bazaar) -> Request:
    """A customer says herself that she does without what the store did not find."""
    hers = _known(bazaar)
    (sku,) = bazaar.goods(1)
    more = {"kind": "pickup", "location_id": bazaar.shop.locations["north"], "customer_id": hers}
    placed = bazaar.shop.buys(**{sku: 2}, **more)
    bazaar.shop.pays_cash(placed.order_id, placed.total_minor)
    counter = counter_for(bazaar.shop, placed)
    counter.rejects("not_found")
    (one,) = [one for one in counter.exceptions() if one.options.otherwise]
    ask = ChooseInstead(exception_id=one.id, choice="cancel")
    return Request(choose_instead, ask, customer_actor(hers))


def begin_to_sign_in(bazaar: Bazaar) -> Request:
    ask = BeginSignIn(email=f"{bazaar.new_id()}@example.com")
    return Request(begin_sign_in, ask, guest_actor(bazaar.new_id()))


def sign_in_with_a_held_cart(bazaar: Bazaar) -> Request:
    return _finishing(bazaar, Cart(bazaar).held().owner)


def merge_two_customers(bazaar: Bazaar) -> Request:
    pair = {"survivor_id": _known(bazaar), "absorbed_id": _known(bazaar)}
    return Request(merge_customers, MergeCustomers(**pair, reason="one person"))


def undo_a_merge(bazaar: Bazaar) -> Request:
    merge = merge_two_customers(bazaar).made_to(bazaar.hub)
    return Request(undo_merge, UndoMerge(merge_id=merge.merge_id))


def erase_a_customer(bazaar: Bazaar) -> Request:
    """Who has bought, has something in her cart, and gives her credit up."""
    hers = _known(bazaar)
    (sku,) = bazaar.goods(1)
    person = Recipient(name="Somebody", email="somebody@example.com")
    at = {"kind": "counter", "location_id": bazaar.shop.locations["north"]}
    placed = bazaar.shop.buys(**{sku: 1}, **at, customer_id=hers, recipient=person)
    bazaar.shop.pays_cash(placed.order_id, placed.total_minor)
    bazaar.shop.hands_over(bazaar.shop.order(placed))
    credit = IssueCredit(customer_id=hers, amount_minor=500, currency="EUR", reason="kindness")
    bazaar.hub.run(issue_credit, credit, actor=SYSTEM)
    return Request(erase_customer, EraseCustomer(customer_id=hers, waives_credit=True), SYSTEM)


def begin_her_own_erasure(bazaar: Bazaar) -> Request:
    return Request(begin_erasure, BeginErasure(), customer_actor(_signed_in(bazaar)))


def erase_herself_by_her_code(bazaar: Bazaar) -> Request:
    """Who has signed in, and shows the code that was sent to her for it."""
    her = customer_actor(_signed_in(bazaar))
    challenge = bazaar.hub.run(begin_erasure, BeginErasure(), actor=her).challenge_id
    code = _code_of(bazaar, challenge)
    return Request(erase_herself, EraseHerself(challenge_id=challenge, code=code), her)


def _signed_in(bazaar: Bazaar) -> UUID:
    came = _finishing(bazaar, guest_actor(bazaar.new_id())).made_to(bazaar.hub).customer_id
    assert came is not None
    return UUID(f"{came}")


def add_a_card(bazaar: Bazaar) -> Request:
    ask = AddIdentifier(
        customer_id=_known(bazaar),
        kind="card",
        issuer="club",
        value=str(bazaar.new_id()),
        is_shown=True,
    )
    return Request(add_identifier, ask)


def say_what_is_agreed(bazaar: Bazaar) -> Request:
    ask = SetConsent(
        customer_id=_known(bazaar),
        purpose="marketing",
        channel="email",
        is_granted=True,
        source="till",
        wording="2026-04",
    )
    return Request(set_consent, ask)


def register_a_platform(bazaar: Bazaar) -> Request:
    ask = RegisterPlatform(
        name="Agent",
        profile_url="https://agent.example/profile.json",
        redirects=("https://agent.example/back",),
    )
    return Request(register_platform, ask)


def disable_a_platform(bazaar: Bazaar) -> Request:
    made = register_a_platform(bazaar).made_to(bazaar.hub)
    return Request(disable_platform, DisablePlatform(linked_platform_id=made.linked_platform_id))


def give_a_platform_another_secret(bazaar: Bazaar) -> Request:
    made = register_a_platform(bazaar).made_to(bazaar.hub)
    digest = digest_of(str(made.linked_platform_id)).hex()
    ask = ReplacePlatformProof(linked_platform_id=made.linked_platform_id, secret_digest=digest)
    return Request(replace_platform_proof, ask)


PEOPLE_CASES = {
    "give_a_platform_another_secret": give_a_platform_another_secret,
    "register_a_platform": register_a_platform,
    "disable_a_platform": disable_a_platform,
    "choose_instead_of_what_is_missing": choose_instead_of_what_is_missing,
    "begin_to_sign_in": begin_to_sign_in,
    "sign_in_with_a_held_cart": sign_in_with_a_held_cart,
    "merge_two_customers": merge_two_customers,
    "undo_a_merge": undo_a_merge,
    "add_a_card": add_a_card,
    "erase_a_customer": erase_a_customer,
    "begin_her_own_erasure": begin_her_own_erasure,
    "erase_herself_by_her_code": erase_herself_by_her_code,
    "say_what_is_agreed": say_what_is_agreed,
}
