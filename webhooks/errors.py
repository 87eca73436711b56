"""What can go wrong with a webhook that its owner or its receiver should know of."""

from core.interface import Conflict, NotFound


class NoSuchSubscription(NotFound):
    """There is none of that id, or it is somebody else's: the two look alike on purpose."""

    def __init__(self) -> None:
        super().__init__("There is no such webhook.")


class NoSuchDelivery(NotFound):
    """The webhook has no delivery of that id, or no longer."""

    def __init__(self) -> None:
        super().__init__("This webhook has no such delivery.")


class VersionMismatch(Conflict):
    """Somebody else has changed the webhook since the caller read it."""

    def __init__(self) -> None:
        super().__init__("The webhook was changed meanwhile: read it again, then repeat.")
