"""What the log may say about customers who come in. Ids only."""

from uuid import UUID

from charsu.kernel import Fact


class CustomerSignedIn(Fact, frozen=True, kw_only=True):
    """A customer's session began; ``guest_id`` is who she was on this device before."""

    customer_id: UUID
    guest_id: UUID | None


class CustomerSignedOut(Fact, frozen=True, kw_only=True):
    """A customer's session was ended, by herself on this device or another, or with her erasure."""

    customer_id: UUID


class GuestConsentSaid(Fact, frozen=True, kw_only=True):
    """A guest said what her data may be used for; it waits until somebody proves to be her."""

    order_id: UUID
    purpose: str
    is_granted: bool


class PlatformRegistered(Fact, frozen=True, kw_only=True):
    """A platform may ask customers for leave to act for them."""


class PlatformProofReplaced(Fact, frozen=True, kw_only=True):
    """A platform proves itself by another secret or other keys from now on; its links stay."""


class PlatformDisabled(Fact, frozen=True, kw_only=True):
    """A platform acts for nobody any more; its links ended."""


class LinkAgreed(Fact, frozen=True, kw_only=True):
    """A customer gave a platform leave to act for her."""

    customer_id: UUID
    linked_platform_id: UUID
    scopes: tuple[str, ...]


class LinkEnded(Fact, frozen=True, kw_only=True):
    """A platform acts for a customer no longer.

    reason   ``customer`` or ``platform`` ended it, the platform was ``disabled``, the customer
             ``erased``, or a code or token came a second time (``replayed``) and may be in the
             wrong hands
    """

    customer_id: UUID
    reason: str
