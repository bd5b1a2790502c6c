"""What webhooks refuse."""

from charsu.kernel.errors import Conflict, Invalid


class EventUnknown(Invalid):
    """The pattern covers no fact that the log may say."""

    code = "event_unknown"

    def __init__(self, pattern: str) -> None:
        super().__init__("There is no event {pattern}.", pattern=pattern)


class TooManyEndpoints(Invalid):
    """The shop tells enough systems already."""

    code = "too_many_endpoints"

    def __init__(self, limit: int) -> None:
        super().__init__("There can be at most {limit} webhook endpoints.", limit=limit)


class ReplayUnclear(Invalid):
    """Nothing says what to send again, or more than one thing does."""

    code = "replay_unclear"

    def __init__(self) -> None:
        super().__init__("Give one of fact_id, since, or dead.")


class TooMuchToReplay(Invalid):
    """The time chosen holds more facts than may be sent again in one go."""

    code = "too_much_to_replay"

    def __init__(self, limit: int) -> None:
        super().__init__(
            "More than {limit} events happened since then. Choose a shorter time.", limit=limit
        )


class EndpointGone(Conflict):
    """The receiver has said that it wants nothing any more."""

    code = "endpoint_gone"

    def __init__(self) -> None:
        super().__init__("This receiver has said that it is gone. Resume the endpoint first.")
