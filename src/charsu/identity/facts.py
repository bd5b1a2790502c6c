"""What the log may say about customers who come in. Ids only."""

from uuid import UUID

from charsu.kernel import Fact


class CustomerSignedIn(Fact, frozen=True, kw_only=True):
    """A customer's session began; ``guest_id`` is who she was on this device before."""

    customer_id: UUID
    guest_id: UUID | None


class CustomerSignedOut(Fact, frozen=True, kw_only=True):
    """A customer's session was ended, by herself on this device or another."""

    customer_id: UUID
