"""One customer with everything that is known about her."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.customers.families import family_of, root_of
from charsu.customers.model import Address
from charsu.customers.stored import Profile, profiles_of
from charsu.kernel import NotFound, Tx, query


class ViewCustomer(Struct, frozen=True, kw_only=True):
    """Which customer."""

    customer_id: UUID


class KnownBy(Struct, frozen=True, kw_only=True):
    """Something that a customer is known by; ``issuer`` is who gave it to her."""

    kind: str
    issuer: str
    value: str
    is_verified: bool


class CustomerView(Struct, frozen=True, kw_only=True):
    """What is known about a customer.

    external_ids    by the short name of the system that gave them
    is_invented     nobody of this name exists
    identifiers     everything that she is known by
    answered_by     who answers for her; another where she was merged
    family          all customers who turned out to be this person
    """

    customer_id: UUID
    state: str
    version: int
    language: str | None
    given_name: str | None
    family_name: str | None
    email: str | None
    phone: str | None
    external_ids: dict[str, str]
    addresses: tuple[Address, ...]
    is_invented: bool
    identifiers: tuple[KnownBy, ...] = ()
    answered_by: UUID | None = None
    family: tuple[UUID, ...] = ()


@query(
    "customers.view",
    permission="customers.read",
    http="GET /v1/customers/{customer_id}",
    raises=(NotFound,),
)
def view_customer(tx: Tx, ask: ViewCustomer) -> CustomerView:
    """Everything that is known about one customer."""
    profile = profiles_of(tx, [ask.customer_id]).get(ask.customer_id)
    if profile is None:
        raise NotFound("customer", ask.customer_id)
    return structs.replace(
        viewed(profile),
        answered_by=root_of(tx, profile.id),
        family=tuple(sorted(family_of(tx, profile.id))),
    )


def viewed(profile: Profile) -> CustomerView:
    """The profile as it is shown."""
    email, phone = profile.identifier("email"), profile.identifier("phone")
    return CustomerView(
        customer_id=profile.id,
        state=profile.state,
        version=profile.version,
        language=profile.language,
        given_name=profile.given_name,
        family_name=profile.family_name,
        email=email.value if email else None,
        phone=phone.value if phone else None,
        external_ids={i.source: i.value for i in profile.identifiers if i.kind == "external"},
        addresses=profile.addresses,
        is_invented=profile.is_invented,
        identifiers=tuple(
            KnownBy(kind=i.kind, issuer=i.source, value=i.value, is_verified=i.is_verified)
            for i in profile.identifiers
        ),
    )
