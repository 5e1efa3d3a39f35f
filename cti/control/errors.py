"""What stops a request before anything is asked of a vendor, beside what `integrations.contract.errors` has."""


class VersionConflict(Exception):
    """The call has moved on since the caller looked: If-Match doesn't name its version."""


class IdempotencyConflict(Exception):
    """The Idempotency-Key belongs to another request."""


class RequestInFlight(IdempotencyConflict):
    """The first request with the Idempotency-Key has no answer that could be given again; later there may be one."""
