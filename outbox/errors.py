"""How a step tells that it failed, and whether to try again."""


class RetryableError(Exception):
    """The step failed this time. `retry_after_seconds` is a wish: no earlier than that."""

    def __init__(self, detail: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class FinalError(Exception):
    """The step can never succeed for this event, so it is dead at once."""
