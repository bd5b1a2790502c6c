"""What the log may say about stock."""

from uuid import UUID

from charsu.kernel import Fact


class LocationPut(Fact, frozen=True, kw_only=True):
    """A location was opened or changed."""

    code: str


class ChannelServed(Fact, frozen=True, kw_only=True):
    """From now on a channel sells from the locations named."""

    location_ids: tuple[UUID, ...]


class BufferSet(Fact, frozen=True, kw_only=True):
    """A channel must leave so many pieces at a location, of one variant or of each."""

    channel_id: UUID
    variant_id: UUID | None
    pieces: int


class StockMoved(Fact, frozen=True, kw_only=True):
    """Goods came, went or changed their state; what moved is in the ledger under the document."""

    kind: str  # receipt, write_off, adjustment, allocation, restocking
    location_id: UUID
    variant_ids: tuple[UUID, ...]


class StockCounted(Fact, frozen=True, kw_only=True):
    """A location was counted; the books follow the count as of its own time."""

    location_id: UUID
    variant_ids: tuple[UUID, ...]
    pieces_found: int
    pieces_lost: int


class HoldExpired(Fact, frozen=True, kw_only=True):
    """A hold ran out before it was used; its pieces are on sale again."""

    owner_id: UUID
    variant_id: UUID
    location_id: UUID
    pieces: int


class ShortageFound(Fact, frozen=True, kw_only=True):
    """Less is there than was promised; somebody has to find it elsewhere."""

    variant_id: UUID
    location_id: UUID
    missing: int


class ShortageChanged(Fact, frozen=True, kw_only=True):
    """More or less is missing than before; 0 closes the exception."""

    variant_id: UUID
    location_id: UUID
    missing: int
