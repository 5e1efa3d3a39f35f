"""How an adapter hands out a recording: straight from the vendor to whoever listens, never whole in memory.

def open_recording(self, recording_id, byte_range=None):
    return open_media(self.http, url, headers=…, byte_range=byte_range, refused=self._error)

Where the address has to be asked for first, or a token may have to be renewed, it is an @asynccontextmanager around that.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from time import monotonic

from msgspec import Struct

from common.http import HttpClient, HttpResponse, HttpStream, OutboundError
from integrations.contract.connections import Refused
from integrations.contract.errors import VendorError, VendorRejected, VendorUnavailable
from integrations.contract.transport import first_words, raise_if_unavailable

MOST_BYTES = 512 * 1024 * 1024
SILENCE_S = 30.0
LONGEST_S = 3600.0
"""Also of a listener who takes it slowly: the vendor's connection isn't held for ever."""
_NO_PART = re.compile(r"bytes \*/[0-9]{1,15}")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15}|\*)")


class Media(Struct, frozen=True):
    """A recording on its way: what is known beforehand, and its bytes as they come."""

    content_type: str
    """As the vendor says, without parameters."""
    chunks: AsyncIterator[bytes]
    """Raises VendorError where it ends before its time."""
    length: int | None = None
    """How many bytes come, where the vendor says so."""
    content_range: str | None = None
    """Which part of it comes, as `Content-Range` has it; None for the whole."""
    takes_ranges: bool = False
    """Whether parts can be asked for."""


class RangeNotSatisfiable(VendorRejected):
    """The recording has no such part; `content_range` (`bytes */1234`) tells its length, where the vendor does."""

    def __init__(self, content_range: re.Match[str] | None) -> None:
        super().__init__("The recording has no such part.", status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        self.content_range = content_range and content_range[0]


def no_media(response: HttpResponse) -> VendorError:
    """What an answer that is no recording means, for vendors that say no more about it."""
    try:
        raise_if_unavailable(response, "The PBX")
    except VendorUnavailable as error:
        return error
    return VendorRejected(
        f"The PBX doesn't hand out this recording ({response.status}): {first_words(response)}", status=response.status
    )


@asynccontextmanager
async def open_media(
    http: HttpClient,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    byte_range: str | None = None,
    refused: Refused = no_media,
) -> AsyncIterator[Media]:
    """A recording that the vendor has begun to send, until the end of the block.

    `byte_range` is one range as `Range` has it (`bytes=0-1023`); a vendor that takes none sends the whole. Raises what
    `refused` makes of an answer that isn't the recording, RangeNotSatisfiable, VendorRejected for one that can't be told on,
    and, in the block too, VendorUnavailable.
    """
    asked = {**(headers or {}), "accept-encoding": "identity"}  # else lengths and parts are those of something else
    if byte_range is not None:
        asked["range"] = byte_range
    try:
        async with http.stream("GET", url, headers=asked, params=params) as answer:
            if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and byte_range is not None:
                raise RangeNotSatisfiable(_NO_PART.fullmatch(answer.headers.get("content-range", "")))
            if answer.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
                raise refused(await answer.read())
            yield _media(answer, is_part=answer.status == HTTPStatus.PARTIAL_CONTENT, asked=byte_range)
    except OutboundError as error:
        raise VendorUnavailable(str(error)) from error


def _media(answer: HttpStream, *, is_part: bool, asked: str | None) -> Media:
    encoded = answer.headers.get("content-encoding", "identity").lower() != "identity"
    told = answer.headers.get("content-length", "")
    length = int(told) if told.isdecimal() and not encoded else None
    if length is not None and length > MOST_BYTES:
        raise _too_large()
    content_range = answer.headers.get("content-range", "") if is_part else None
    if content_range is not None and (asked is None or encoded or not _is_told(content_range, length)):
        raise VendorRejected("The PBX sends a part of the recording without saying properly which.")
    return Media(
        answer.content_type,
        _chunks(answer),
        length,
        content_range,
        takes_ranges=is_part or answer.headers.get("accept-ranges", "").lower() == "bytes",
    )


def _is_told(content_range: str, length: int | None) -> bool:
    """Whether it is one part, and as long as it says."""
    found = _CONTENT_RANGE.fullmatch(content_range)
    if found is None:
        return False
    first, last = int(found[1]), int(found[2])
    return first <= last and length in {None, last - first + 1}


async def _chunks(answer: HttpStream) -> AsyncIterator[bytes]:
    chunks, size, until = answer.chunks(), 0, monotonic() + LONGEST_S
    while True:
        try:
            async with asyncio.timeout(min(SILENCE_S, until - monotonic())):
                chunk = await anext(chunks, b"")
        except TimeoutError as error:
            raise VendorUnavailable("The recording didn't come in time.") from error
        if not chunk:
            return
        size += len(chunk)
        if size > MOST_BYTES:
            raise _too_large()
        yield chunk


def _too_large() -> VendorRejected:
    return VendorRejected(f"The recording is larger than {MOST_BYTES // 1024**2} MiB, the most that is handed on.")
