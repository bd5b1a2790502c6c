"""What can be refused about carts, and why."""

from typing import Literal

from charsu.kernel import Conflict, Invalid


class CartClosed(Conflict):
    """The cart was ordered, merged or abandoned; nothing in it changes any more."""

    code = "cart_closed"

    def __init__(self, state: Literal["paying", "merged", "ordered", "abandoned"]) -> None:
        super().__init__("The cart is {state}; it cannot be changed.", state=state)


class CartEmpty(Conflict):
    """There is nothing to hold or to order."""

    code = "cart_empty"

    def __init__(self) -> None:
        super().__init__("The cart is empty.")


class CartFull(Conflict):
    """A cart has only so many lines."""

    code = "cart_full"

    def __init__(self, lines: int) -> None:
        super().__init__("A cart has at most {lines} lines.", lines=lines)


class DeliveryNeeded(Conflict):
    """Goods that are sent need a way in which they are sent."""

    code = "delivery_needed"

    def __init__(self) -> None:
        super().__init__("Choose how the goods should be delivered.")


class RecipientNeeded(Conflict):
    """It is not known who gets the goods, or where."""

    code = "recipient_needed"

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("Say who gets the goods, and where.", missing=list(missing))


class ContactNeeded(Conflict):
    """Nobody could tell the guest what becomes of her order."""

    code = "contact_needed"

    def __init__(self) -> None:
        super().__init__("Leave an e-mail address or a phone number.")


class NothingToPay(Conflict):
    """The cart costs nothing; it is ordered without a payment."""

    code = "nothing_to_pay"

    def __init__(self) -> None:
        super().__init__("There is nothing to pay; order the cart as it is.")


class TooManyCodes(Conflict):
    """A cart takes only so many coupons."""

    code = "too_many_codes"

    def __init__(self, codes: int) -> None:
        super().__init__("A cart takes at most {codes} coupons.", codes=codes)


class OwnerNeeded(Invalid):
    """A cart belongs to a guest or a customer; others say to which customer."""

    code = "owner_needed"

    def __init__(self) -> None:
        super().__init__("Say whose cart it is.")
