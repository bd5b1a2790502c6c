"""Whose draft this is, and what is known of her with it. Decides only; nothing is stored."""

from collections.abc import Callable, Mapping
from typing import Literal
from uuid import UUID

from msgspec import Struct, structs

from charsu.customers.errors import IdentifierTaken
from charsu.customers.model import CustomerDraft, Identifier, identifiers_of
from charsu.customers.stored import IdentifierName, Profile
from charsu.kernel import HubError

Effect = Literal["created", "changed", "unchanged", "refused"]
_FIELDS = ("language", "given_name", "family_name", "addresses")


class Step(Struct, frozen=True, kw_only=True):
    """What becomes of one draft."""

    draft: CustomerDraft
    effect: Effect
    customer_id: UUID | None = None
    problem: HubError | None = None


class Resolution:
    """Drafts taken one after another, each seeing what the ones before it did.

    owners      whose the identifiers are that the drafts name, as stored
    profiles    the customers behind them, as stored
    """

    def __init__(
        self, owners: Mapping[IdentifierName, UUID], profiles: Mapping[UUID, Profile]
    ) -> None:
        self.before = profiles
        self.after: dict[UUID, Profile] = {}
        self._owners = dict(owners)

    def take(self, draft: CustomerDraft, new_id: Callable[[], UUID]) -> Step:
        """Take one more draft; a refused one leaves everything as it was."""
        try:
            identifiers = identifiers_of(draft)
            owner = self._owner(identifiers)
        except HubError as problem:
            return Step(draft=draft, effect="refused", problem=problem)
        was = self._profile(owner) if owner else Profile(id=new_id())
        now = _with(was, draft, identifiers)
        effect: Effect = "created" if owner is None else "unchanged" if now == was else "changed"
        self._keep(was, now)
        return Step(draft=draft, effect=effect, customer_id=now.id)

    def changes(self) -> dict[UUID, Profile]:
        """The customers that differ from what is stored, or are not stored yet."""
        return {id_: now for id_, now in self.after.items() if now != self.before.get(id_)}

    def _profile(self, customer_id: UUID) -> Profile:
        return self.after.get(customer_id) or self.before[customer_id]

    def _owner(self, identifiers: list[Identifier]) -> UUID | None:
        """Whose these are: the first that is known says. Raises IdentifierTaken.

        An e-mail address leads to a customer only if the same source does not know her by another
        number: two people of one shop may share a mailbox, and are not made one by it.
        """
        owned = [i for i in identifiers if i.kind != "phone" and i.name in self._owners]
        if not owned:
            return None
        owner = self._owners[owned[0].name]
        for other in owned[1:]:
            if self._owners[other.name] != owner:
                raise IdentifierTaken(other.kind, str(self._owners[other.name]))
        first = identifiers[0]
        if first.kind == "external" and owned[0].kind == "email":
            known = self._profile(owner).identifier("external", first.source)
            if known is not None:
                raise IdentifierTaken("email", str(owner))
        return owner

    def _keep(self, was: Profile, now: Profile) -> None:
        for gone in set(was.identifiers) - set(now.identifiers):
            self._owners.pop(gone.name, None)
        for held in now.identifiers:
            if held.kind != "phone":
                self._owners[held.name] = now.id
        self.after[now.id] = now


def differing(was: Profile, now: Profile) -> tuple[str, ...]:
    """Names of what differs: fields, and kinds of identifiers."""
    fields = [name for name in _FIELDS if getattr(was, name) != getattr(now, name)]
    kinds = sorted({i.kind for i in set(was.identifiers) ^ set(now.identifiers)})
    return (*fields, *kinds, *(("is_invented",) if was.is_invented != now.is_invented else ()))


def _with(was: Profile, draft: CustomerDraft, identifiers: list[Identifier]) -> Profile:
    """The profile with what the draft says; what it does not mention stays."""
    said = {name: value for name in _FIELDS if (value := getattr(draft, name)) is not None}
    by_place = {(i.kind, i.source): i for i in was.identifiers}
    for claimed in identifiers:
        held = by_place.get((claimed.kind, claimed.source))
        if held is None or not held.is_verified:  # a claim never replaces what was proved
            by_place[claimed.kind, claimed.source] = claimed
    kept = tuple(by_place[place] for place in sorted(by_place))
    return structs.replace(was, **said, identifiers=kept, is_invented=draft.is_invented)
