"""The import of customers, found by their e-mail address or by another system's number."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from charsu.customers import Address, CustomerDraft, CustomerOutcome, put_many_customers
from charsu.imports import reasons
from charsu.imports.target import Options, Target
from charsu.kernel import Tx
from charsu.kernel.intake import Field, Item, Outcome, Rows, RowShape, code, problem, text
from charsu.kernel.intake.problems import refused_by


class CustomerRow(Struct, frozen=True, kw_only=True):
    """A customer as a sheet has her; what the sheet does not mention stays as it is."""

    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    language: str | None = None
    street: str | None = None
    postcode: str | None = None
    town: str | None = None
    region: str | None = None
    country: str | None = None


_FIELDS = (
    Field("external_id", code(max=200), aliases=("customer id", "id", "code", "number")),
    Field("email", text(max=254), aliases=("e-mail", "email address")),
    Field("phone", text(max=40), aliases=("telephone", "default address phone")),
    Field("given_name", text(max=100), aliases=("first name",)),
    Field("family_name", text(max=100), aliases=("last name", "surname")),
    Field("language", code(max=35), aliases=("locale",)),
    Field("street", text(max=200), aliases=("address1", "address", "default address address1")),
    Field("postcode", text(max=20), aliases=("zip", "postal code", "default address zip")),
    Field("town", text(max=200), aliases=("city", "default address city")),
    Field("region", text(max=200), aliases=("province code", "default address province code")),
    Field("country", code(max=2), aliases=("country code", "default address country code")),
)


def _shape(_rows: Rows, _options: Options) -> RowShape[CustomerRow]:
    return RowShape(CustomerRow, _FIELDS)


def _store(tx: Tx, items: Sequence[Item[CustomerRow]], options: Options) -> list[Outcome]:
    read = [_read(item, options) for item in items]
    done = iter(put_many_customers(tx, [one for one in read if isinstance(one, CustomerDraft)]))
    return [
        _outcome(item, next(done)) if isinstance(one, CustomerDraft) else one
        for item, one in zip(items, read, strict=True)
    ]


def _outcome(item: Item[CustomerRow], done: CustomerOutcome) -> Outcome:
    if done.problem is not None:
        return Outcome("refused", problems=(refused_by(done.problem, line=item.line),))
    return Outcome(done.effect, str(done.customer_id))


def _read(item: Item[CustomerRow], options: Options) -> CustomerDraft | Outcome:
    """The row as a draft that keeps the rules of its fields, or why it does not."""
    assert item.value is not None, "refused rows do not come here"
    row = item.value
    draft = CustomerDraft(
        source=options.source,
        external_id=row.external_id,
        email=row.email,
        phone=row.phone,
        given_name=row.given_name,
        family_name=row.family_name,
        language=row.language,
        addresses=_addresses(row, options),
    )
    try:
        return msgspec.convert(msgspec.to_builtins(draft), CustomerDraft)
    except msgspec.ValidationError as wrong:
        found = problem(reasons.NOT_ACCEPTED, line=item.line, detail=str(wrong))
        return Outcome("refused", problems=(found,))


def _addresses(row: CustomerRow, options: Options) -> tuple[Address, ...] | None:
    country = row.country or options.country
    if country is None or not (row.street or row.town):
        return None
    home = Address(
        street=row.street or "",
        postcode=row.postcode or "",
        town=row.town or "",
        region=row.region or "",
        country=country.upper(),
    )
    return (home,)


CUSTOMERS = Target(
    "customers",
    "email or external_id, and phone, given_name, family_name, language, address",
    _shape,
    _store,
)
