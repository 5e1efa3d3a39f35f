"""Recordings' public ids. They name an account and the vendor's own recording, and can't be made up: they are signed.

So no list of recordings has to be kept, and no vendor's id that it never told us reaches its API.
"""

import base64
import binascii
import hmac
from uuid import UUID

from django.utils.crypto import salted_hmac

PREFIX = "rec_"
_SIGNATURE = 16
_ACCOUNT = 16


class InvalidRecordingId(ValueError):
    """The text is not the id of a recording that we ever told of."""


def recording_id(tenant_id: UUID, account_id: UUID, vendor_recording_id: str) -> str:
    """The public id of a vendor's recording."""
    named = account_id.bytes + vendor_recording_id.encode()
    return PREFIX + base64.b32encode(_sign(tenant_id, named) + named).decode().rstrip("=").lower()


def parse_recording_id(tenant_id: UUID, text: str) -> tuple[UUID, str]:
    """The account and the vendor's id. Raises InvalidRecordingId, also for another tenant's recordings."""
    digits = text.removeprefix(PREFIX).upper()
    try:
        content = base64.b32decode(digits + "=" * (-len(digits) % 8))
    except (binascii.Error, ValueError) as error:
        raise InvalidRecordingId("not a rec_… id") from error
    signature, named = content[:_SIGNATURE], content[_SIGNATURE:]
    if not text.startswith(PREFIX) or not hmac.compare_digest(signature, _sign(tenant_id, named)):
        raise InvalidRecordingId("not a rec_… id")
    return UUID(bytes=named[:_ACCOUNT]), named[_ACCOUNT:].decode()


def _sign(tenant_id: UUID, named: bytes) -> bytes:
    return salted_hmac("cti.history.recordings", tenant_id.bytes + named, algorithm="sha256").digest()[:_SIGNATURE]
