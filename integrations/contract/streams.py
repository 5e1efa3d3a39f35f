"""What an adapter's `stream()` yields of a connection that the vendor keeps open for us. Pure data."""

from collections.abc import Mapping

from msgspec import Struct


class Connected(Struct, frozen=True):
    """The connection stands. The first item of every stream, and again wherever the vendor made us start over."""

    gap: bool
    """Whether something may have happened since before that the vendor won't tell: the calls are compared with its own."""
    detail: str = ""
    """For the log: how it was connected."""
    warning: str = ""
    """What an admin has to look after though events come, such as a version of the API that ends soon; shown with the account."""


class Received(Struct, frozen=True):
    """A payload for the adapter's `parse`; it is stored and applied as a webhook's delivery is."""

    body: bytes
    headers: Mapping[str, str] = {}
    """What `parse` needs to know beside the body, such as the kind of an SSE event. Replays don't have it."""


class Alive(Struct, frozen=True):
    """A heartbeat, a comment: a sign of life that says nothing else."""


StreamItem = Connected | Received | Alive
