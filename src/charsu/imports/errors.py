"""What can be refused about imports."""

from collections.abc import Iterable

from charsu.kernel import Invalid


class TargetUnknown(Invalid):
    """There is no import of this name."""

    code = "import_target_unknown"

    def __init__(self, target: str, known: Iterable[str]) -> None:
        super().__init__(
            "Nothing called {target} can be imported; there are: {known}.",
            target=target,
            known=", ".join(known),
        )


class PriceTooLarge(Invalid):
    """A sheet asks more for something than any price can be."""

    code = "import_price_too_large"

    def __init__(self, sku: str) -> None:
        super().__init__("{sku} costs more than a price can be.", sku=sku[:64])


class ChannelNeeded(Invalid):
    """Neither the row nor the import says which channel is meant, or it is not there."""

    code = "import_channel_needed"

    def __init__(self, channel: str) -> None:
        super().__init__("There is no channel {channel}.", channel=channel)
