"""What the log may say about products and channels."""

from uuid import UUID

from charsu.kernel import Fact


class ProductIntroduced(Fact, frozen=True, kw_only=True):
    """A product is in the catalog for the first time."""

    variant_ids: tuple[UUID, ...]
    status: str


class ProductRevised(Fact, frozen=True, kw_only=True):
    """Something about a product is different; ``fields`` names what, ``texts`` or ``variants``."""

    fields: tuple[str, ...]
    added_variant_ids: tuple[UUID, ...] = ()
    archived_variant_ids: tuple[UUID, ...] = ()


class ProductArchived(Fact, frozen=True, kw_only=True):
    """A product is no longer sold anywhere; it stays for the orders that name it."""


class ProductListed(Fact, frozen=True, kw_only=True):
    """How a channel shows a product was decided: whether, and under which words of its own."""

    channel_id: UUID
    is_published: bool
    languages: tuple[str, ...] = ()  # in which the channel has words of its own


class ChannelPut(Fact, frozen=True, kw_only=True):
    """A channel was opened, or works in another way from now on."""

    code: str


class CategoryPut(Fact, frozen=True, kw_only=True):
    """A category was made, renamed or moved; ``path`` holds the codes from the root."""

    path: tuple[str, ...]
