"""What the log may say about customers: that they are there and what changed, never who."""

from charsu.kernel import Fact


class CustomerIntroduced(Fact, frozen=True, kw_only=True):
    """Somebody is a customer from now on."""

    is_invented: bool


class CustomerRevised(Fact, frozen=True, kw_only=True):
    """Something is known about a customer that was not, or differs; ``fields`` names what."""

    fields: tuple[str, ...]
