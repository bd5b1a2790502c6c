"""Opening a channel, and changing how it works."""

from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.catalog.facts import ChannelPut
from charsu.catalog.model import Assortment, ChannelKind, Code, Currency, Language, Name, TaxMode
from charsu.kernel import WHOLE_BUSINESS, Tx, append, operation

_PUT: LiteralString = """
    INSERT INTO catalog.channels AS c
        (id, code, name, kind, currency, tax_mode, language, assortment, version)
    VALUES (%(id)s, %(code)s, %(name)s, %(kind)s, %(currency)s, %(tax_mode)s, %(language)s,
            %(assortment)s, 1)
    ON CONFLICT (code) DO UPDATE
    SET name = excluded.name, kind = excluded.kind, currency = excluded.currency,
        tax_mode = excluded.tax_mode, language = excluded.language,
        assortment = excluded.assortment, version = c.version + 1
    WHERE (c.name, c.kind, c.currency, c.tax_mode, c.language, c.assortment)
          IS DISTINCT FROM (excluded.name, excluded.kind, excluded.currency, excluded.tax_mode,
                            excluded.language, excluded.assortment)
    RETURNING id, version
"""

_ID: LiteralString = "SELECT id FROM catalog.channels WHERE code = %(code)s"


class PutChannel(Struct, frozen=True, kw_only=True):
    """A channel as it should work.

    tax_mode    whether the prices shown here include tax or have it added
    assortment  whether everything is sold here unless unlisted, or only what is listed
    """

    code: Code
    name: Name
    kind: ChannelKind
    currency: Currency
    tax_mode: TaxMode = "included"
    language: Annotated[Language, Meta(description="Where nobody has chosen another")] = "en"
    assortment: Assortment = "everything"


class ChannelStored(Struct, frozen=True):
    """The channel's id, and whether anything is different from before."""

    channel_id: UUID
    is_changed: bool


@operation(
    "catalog.put_channel",
    permission="catalog.edit",
    at=WHOLE_BUSINESS,
    http="PUT /v1/channels/{code}",
)
def put_channel(tx: Tx, ask: PutChannel) -> ChannelStored:
    """Open a channel, or change how it works; its code never changes."""
    row = tx.first(
        _PUT,
        id=tx.new_id(),
        code=ask.code,
        name=ask.name,
        kind=ask.kind,
        currency=ask.currency,
        tax_mode=ask.tax_mode,
        language=ask.language,
        assortment=ask.assortment,
    )
    if row is None:
        return ChannelStored(tx.value(_ID, code=ask.code), is_changed=False)
    append(tx, ChannelPut(code=ask.code), subject=row.id, version=row.version)
    return ChannelStored(row.id, is_changed=True)
