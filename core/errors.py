"""What can go wrong in the product's own terms. The HTTP edge turns each kind into a status."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault in what a caller sent: where it is, a stable code, and a sentence for a person."""

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """The root of the product's own errors; `detail` is safe to show to the caller."""

    def __init__(self, detail: str, issues: tuple[Issue, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.issues = issues


class Invalid(DomainError):
    """What the caller sent cannot be understood or is not allowed by the contract."""


class NotFound(DomainError):
    """There is no such thing, or the caller may not know of it: the two look alike on purpose."""


class Unauthenticated(DomainError):
    """Nobody knows who the caller is: no credentials, or none that are valid."""


class Forbidden(DomainError):
    """The caller is known and may not do this."""


class Conflict(DomainError):
    """The thing has changed, or its state does not allow this."""


class TooManyRequests(DomainError):
    """The caller did this too often; it will be taken again in `retry_after_seconds`."""

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class StartAgain(DomainError):
    """What would follow the caller's place in a sequence is no longer known."""


class NotInTransaction(RuntimeError):
    """A ledger row or a document was about to be written outside a database transaction.

    Raised before anything is written: outside a transaction, the change and its record
    could not commit together.
    """
