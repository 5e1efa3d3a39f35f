"""What RingCentral sends, as it sends it ("Extension Telephony Sessions Event"). Ids come as strings and as JSON numbers."""

from datetime import UTC, datetime

from msgspec import Struct, field

from integrations.contract.errors import MalformedPayload

Word = str | int | None
MAX_ID = 200
MAX_NAME = 200


class End(Struct, rename="camel"):
    """ "Callee Info" and "Caller Info": one end of the call, as this party sees it."""

    phone_number: Word = None
    extension_number: Word = None
    name: Word = None
    extension_id: Word = None
    device_id: Word = None


class Peer(Struct, rename="camel"):
    """ "Linked Session Details"; the bridge's own answer has the telephony session's id under `sessionId`."""

    session_id: Word = None
    telephony_session_id: Word = None
    party_id: Word = None


class Status(Struct, rename="camel"):
    """ "Session Status Info"."""

    code: str
    reason: str | None = None
    park_data: Word = None
    peer_id: Peer | None = None


class Owner(Struct, rename="camel"):
    """Where the REST API says whose a party is."""

    extension_id: Word = None


class Recorded(Struct):
    """A recording of a party's."""

    id: Word = None
    active: bool = False


class Party(Struct, rename="camel"):
    """ "Session Parties Details"."""

    id: str
    status: Status
    extension_id: Word = None
    owner: Owner | None = None
    direction: str | None = None
    to: End | None = None
    from_: End | None = field(default=None, name="from")
    queue_call: bool | None = None
    missed_call: bool | None = None
    muted: bool | None = None
    conference_role: str | None = None
    recordings: list[Recorded] | None = None


class Origin(Struct):
    """ "Session Origin Details"."""

    type: str | None = None


class Session(Struct, rename="camel"):
    """The body of a notification, or a session as the REST API shows it: there its id is `id`."""

    parties: list[Party]
    sequence: int | None = None
    telephony_session_id: Word = None
    id: Word = None
    extension_id: Word = None
    event_time: str | None = None
    origin: Origin | None = None


def text(word: Word, most: int = MAX_ID) -> str | None:
    """A word without what surrounds it; None for nothing."""
    return None if word is None else str(word).strip()[:most] or None


def moment(word: str) -> datetime:
    """ISO 8601 with a zone, `+0000` included; without one it is read as UTC. Raises MalformedPayload."""
    try:
        time = datetime.fromisoformat(word.strip())
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedPayload(f"the time is not ISO 8601: {word[:40]!r}") from error
