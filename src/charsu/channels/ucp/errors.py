"""What the shopping door refuses or has to tell, and why."""

from charsu.channels.ucp.model import SessionState
from charsu.kernel import Conflict, Forbidden, Invalid, NotFound, Unauthorized, Unavailable


class DoorClosed(NotFound):
    """The shop does not sell to agents and other shops at this address."""

    code = "door_closed"

    def __init__(self) -> None:
        super().__init__("channel", "ucp")


class ProfileUrlInvalid(Invalid):
    """The request does not say where the profile of its platform is, or says it wrongly."""

    code = "invalid_profile_url"

    def __init__(self, reason: str) -> None:
        super().__init__("The profile's address cannot be used: {reason}.", reason=reason)


class ProfileUnreachable(Unavailable):
    """The profile of the platform could not be fetched."""

    code = "profile_unreachable"

    def __init__(self, reason: str) -> None:
        super().__init__("The platform's profile cannot be fetched: {reason}.", reason=reason)


class ProfileMalformed(Invalid):
    """What is at the profile's address is no profile."""

    code = "profile_malformed"

    def __init__(self, reason: str) -> None:
        super().__init__("The platform's profile cannot be read: {reason}.", reason=reason)


class ProfileNotTrusted(Forbidden):
    """The shop sells to other platforms only."""

    code = "profile_not_trusted"

    def __init__(self) -> None:
        super().__init__("This shop does not sell to your platform.")


class PlatformUnknown(Forbidden):
    """Carts and checkouts of this kind belong to platforms, and this is none that was met."""

    code = "platform_unknown"

    def __init__(self) -> None:
        super().__init__("Only platforms shop through this door.")


class VersionUnsupported(Invalid):
    """The platform speaks a version of the protocol that is not spoken here."""

    code = "version_unsupported"

    def __init__(self, version: str, spoken: str) -> None:
        super().__init__(
            "Version {version} is not spoken here; {spoken} is.", version=version, spoken=spoken
        )


class CapabilitiesIncompatible(Conflict):
    """The platform and the shop have nothing in common that this request needs."""

    code = "capabilities_incompatible"

    def __init__(self) -> None:
        super().__init__("Your platform and this shop have no capability in common for this.")


class SignatureMissing(Unauthorized):
    """The request is not signed, or only half of the signature is there."""

    code = "signature_missing"

    def __init__(self) -> None:
        super().__init__("The request has to be signed.")


class SignatureInvalid(Unauthorized):
    """The signature does not belong to the request."""

    code = "signature_invalid"

    def __init__(self) -> None:
        super().__init__("The signature does not fit the request.")


class SigningKeyUnknown(Unauthorized):
    """The platform's profile has no such key."""

    code = "key_not_found"

    def __init__(self) -> None:
        super().__init__("Your platform's profile does not have the key of this signature.")


class DigestMismatch(Invalid):
    """The body is not the one that was signed."""

    code = "digest_mismatch"

    def __init__(self) -> None:
        super().__init__("The body does not fit its digest.")


class AlgorithmUnsupported(Invalid):
    """The key is for signatures that are not checked here."""

    code = "algorithm_unsupported"

    def __init__(self) -> None:
        super().__init__("Signatures are checked with ES256 here.")


class RequestInvalid(Invalid):
    """The request makes no sense in this version of the protocol."""

    code = "invalid_request"

    def __init__(self, reason: str) -> None:
        super().__init__("The request cannot be read: {reason}.", reason=reason[:300].rstrip("."))


class RequestTooLarge(Invalid):
    """Too much is asked for at once."""

    code = "request_too_large"

    def __init__(self, most: int) -> None:
        super().__init__("Ask for at most {most} at once.", most=most)


class SessionClosed(Conflict):
    """The cart or checkout is completed or canceled; nothing in it changes any more."""

    code = "session_closed"

    def __init__(self, state: SessionState) -> None:
        super().__init__("It is {state}; it cannot be changed.", state=state)


class ItemUnknown(NotFound):
    """Nothing that is sold here has this id."""

    code = "item_unknown"

    def __init__(self, item: str) -> None:
        super().__init__("item", item[:64])


class StoreUnknown(NotFound):
    """There is no such store to pick goods up in."""

    code = "store_unknown"

    def __init__(self, store: str) -> None:
        super().__init__("store", store[:64])


class StoreNeeded(Conflict):
    """It is not known where the goods will be picked up."""

    code = "store_needed"

    def __init__(self) -> None:
        super().__init__("Choose the store where the goods are picked up.")


class MixedDelivery(Conflict):
    """The goods of one checkout should go to several places in the same way."""

    code = "mixed_delivery"

    def __init__(self) -> None:
        super().__init__(
            "Goods of one checkout are sent to one address and picked up in one store."
        )


class ClaimNotAccepted(Conflict):
    """The shop does not know this entitlement."""

    code = "claim_not_accepted"

    def __init__(self, claim: str) -> None:
        super().__init__("The claim {claim} has no effect here.", claim=claim[:100])


class CodeTwice(Conflict):
    """The code was said before in the same breath; it counts once."""

    code = "code_twice"

    def __init__(self, coupon: str) -> None:
        super().__init__("The code {coupon} is applied already.", coupon=coupon[:64])


class IdentityRequired(Unauthorized):
    """The token acts for nobody here, or a customer's own is asked for without a token of hers."""

    code = "identity_required"

    def __init__(self, *, is_shown: bool) -> None:
        super().__init__("The customer has to let your platform act for her.")
        self.is_shown = is_shown


class InsufficientScope(Forbidden):
    """The customer has not allowed this to the platform."""

    code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__("The customer has not allowed this to your platform.")
        self.scope = scope


class CartElsewhere(Conflict):
    """Somebody else shops with the customer's cart at this moment."""

    code = "cart_elsewhere"

    def __init__(self) -> None:
        super().__init__("The customer's cart is in use by another platform.")


class HandlerUnknown(Invalid):
    """The shop takes no payment in this way."""

    code = "handler_unknown"

    def __init__(self) -> None:
        super().__init__("Payment in this way is not taken here.")


class BuyerNeeded(Conflict):
    """The buyer has to confirm the payment herself."""

    code = "buyer_needed"

    def __init__(self) -> None:
        super().__init__("The buyer has to confirm the payment herself.")
