"""What the log may say about customers: that they are there and what changed, never who."""

from uuid import UUID

from charsu.kernel import Fact


class CustomerIntroduced(Fact, frozen=True, kw_only=True):
    """Somebody is a customer from now on."""

    is_invented: bool


class CustomerRevised(Fact, frozen=True, kw_only=True):
    """Something is known about a customer that was not, or differs; ``fields`` names what."""

    fields: tuple[str, ...]


class IdentifierVerified(Fact, frozen=True, kw_only=True):
    """A customer has shown that an identifier is hers."""

    identifier_id: UUID
    kind: str


class IdentifierLapsed(Fact, frozen=True, kw_only=True):
    """A number was proved so long ago that it may be somebody else's by now."""

    identifier_id: UUID
    kind: str


class CustomersMerged(Fact, frozen=True, kw_only=True):
    """Another customer turned out to be this one, who answers for both from now on."""

    merge_id: UUID
    absorbed_id: UUID
    rule: str


class CustomerAbsorbed(Fact, frozen=True, kw_only=True):
    """This customer turned out to be another, who answers for her from now on."""

    merge_id: UUID
    survivor_id: UUID


class MergeUndone(Fact, frozen=True, kw_only=True):
    """Another customer was taken for this one, and is not; she answers for herself again."""

    merge_id: UUID
    absorbed_id: UUID


class CustomerReleased(Fact, frozen=True, kw_only=True):
    """This customer was taken for another, and answers for herself again."""

    merge_id: UUID
    survivor_id: UUID


class CustomerErased(Fact, frozen=True, kw_only=True):
    """What told who this customer is was taken away, for good; whoever keeps some of it does so,
    too."""


class ConsentGiven(Fact, frozen=True, kw_only=True):
    """A customer agreed to a purpose on a channel."""

    purpose: str
    channel: str
    source: str


class ConsentWithdrawn(Fact, frozen=True, kw_only=True):
    """A customer no longer agrees, or never did and said so."""

    purpose: str
    channel: str
    source: str
