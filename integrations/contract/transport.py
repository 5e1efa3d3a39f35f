"""How a request to a vendor fails, mapped once for every adapter: errors of the way there as errors of the contract."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from common.http import AnswerTooLarge, HttpClient, HttpResponse, NoAnswer, OutboundError
from integrations.contract.errors import VendorTimeout, VendorUnavailable

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_FIRST_WORDS = 200
_LONGEST_WAIT_S = 3600.0


async def send(
    http: HttpClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str | tuple[str, ...]] | None = None,
    json: Any = None,
    data: Mapping[str, str] | bytes | None = None,
) -> HttpResponse:
    """The vendor's answer, whatever its status.

    Raises VendorTimeout when a command was sent and its outcome isn't known, VendorUnavailable when it is certain that
    nothing happened, or when only reading was asked for.
    """
    try:
        return await http.request(method, url, headers=headers, params=params, json=json, data=data)
    except (NoAnswer, AnswerTooLarge) as error:
        if method == "GET":
            raise VendorUnavailable(str(error)) from error
        raise VendorTimeout(f"{error}; whether the PBX acted is not known") from error
    except OutboundError as error:
        raise VendorUnavailable(str(error)) from error


def raise_if_unavailable(response: HttpResponse, vendor: str) -> None:
    """Raises VendorUnavailable for 429 and 5xx, with the time that the vendor asks us to wait."""
    if response.status == _TOO_MANY_REQUESTS:
        raise VendorUnavailable(f"{vendor} asks us to slow down (429)", retry_after=retry_after(response))
    if response.status >= _SERVER_ERROR:
        raise VendorUnavailable(
            f"{vendor} has a problem of its own ({response.status}): {first_words(response)}",
            retry_after=retry_after(response),
        )


def retry_after(response: HttpResponse, now: datetime | None = None) -> float | None:
    """The Retry-After header in seconds, given as seconds or as a date; None where it is missing or unreadable.

    At most an hour: a vendor that says more may well be mistaken, and asking again then does no harm.
    """
    text = response.headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text.isdecimal() else _until(text, now or datetime.now(UTC))
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, seconds), _LONGEST_WAIT_S)


def _until(date: str, now: datetime) -> float:
    return (parsedate_to_datetime(date).astimezone(UTC) - now).total_seconds()


def first_words(response: HttpResponse) -> str:
    """The beginning of a body that isn't JSON, such as a proxy's page, on one line. JSON may hold secrets: nothing of it."""
    if response.body.lstrip()[:1] in {b"{", b"["}:
        return "no words"
    words = " ".join(response.body.decode("utf-8", errors="replace").split())
    return words[:_FIRST_WORDS] or "no words"
