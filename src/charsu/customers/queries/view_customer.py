"""One customer with everything that is known about her."""

from uuid import UUID

from msgspec import Struct

from charsu.customers.model import Address
from charsu.customers.stored import Profile, profiles_of
from charsu.kernel import NotFound, Tx, query


class ViewCustomer(Struct, frozen=True, kw_only=True):
    """Which customer."""

    customer_id: UUID


class CustomerView(Struct, frozen=True, kw_only=True):
    """What is known about a customer.

    external_ids    by the short name of the system that gave them
    is_invented     nobody of this name exists
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
    return viewed(profile)


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
    )
