"""What can go wrong between us and a vendor. The type decides the retry and the HTTP answer (docs/architecture.md)."""

from collections.abc import Mapping, Sequence


def _without_nul(text: str) -> str:
    return text.replace("\0", "")


class VendorError(Exception):
    """Anything a vendor, or the way to it, refused. The message is written for the person who has to act on it.

    It quotes the vendor, so it is without NUL, which the database can't hold.
    """

    vendor: str | None = None
    """The vendor's key, set by whoever asked it."""

    def __init__(self, message: str = "") -> None:
        super().__init__(_without_nul(message))


class AuthorizationLost(VendorError):
    """The vendor says that our grant is gone: invalid_grant, or a 401 after a refresh. Only a person can mend it."""


class VendorRejected(VendorError):
    """The vendor understood the request and refused it."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`errors` has sentences by the vendor's names of the fields that it didn't take, where it says which."""
        super().__init__(message)
        named = (errors or {}).items()
        self.errors = {_without_nul(name): [_without_nul(each) for each in sentences] for name, sentences in named}
        self.status = status
        self.code = code and _without_nul(code)
        self.message = str(self)


class CallGone(VendorRejected):
    """The vendor doesn't know the call (any more)."""


class VendorUnavailable(VendorError):
    """The vendor could not be reached or says to come back later; `retry_after` in seconds where it said."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class VendorTimeout(VendorError):
    """The request was sent, the answer didn't come: the vendor may have acted, so it is never blindly repeated."""


class Unsupported(VendorError):
    """The vendor can't do this at all, or this account isn't allowed to (missing scope, licence)."""


class InvalidCallState(VendorError):
    """What was asked isn't possible in the state that the call is in."""


class MalformedPayload(VendorError):
    """What the vendor sent can't be read; it is kept raw, visible and replayable."""
