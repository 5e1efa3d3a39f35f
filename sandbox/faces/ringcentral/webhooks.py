"""The handshake by which a WebHook address proves that it wants to be called."""

import uuid
from collections.abc import Mapping

import aiohttp

from sandbox.faces.ringcentral.errors import ApiError

_LONGEST_ANSWER = 1024


async def shake_hands(address: str, within_s: float, headers: Mapping[str, str]) -> None:
    """Sends a Validation-Token that must come back with 200. Raises ApiError SUB-525 with what was wrong."""
    token = str(uuid.uuid4())
    sent = {**headers, "Validation-Token": token, "Content-Type": "application/json"}
    timeout = aiohttp.ClientTimeout(total=within_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(address, headers=sent, ssl=False, allow_redirects=False) as response,
        ):
            body = await response.content.read(_LONGEST_ANSWER + 1)
            problem = _problem(response, body, token)
    except TimeoutError:
        problem = "WebHook did not respond in time"
    except (aiohttp.ClientError, OSError) as error:
        problem = f"I/O operation is failed. Details: [{type(error).__name__}]"
    if problem:
        raise ApiError(400, "SUB-525", f"WebHook server response is invalid: {problem}", "deliveryMode.address")


def _problem(response: aiohttp.ClientResponse, body: bytes, token: str) -> str | None:
    if response.status != 200:
        return f"HTTP status is {response.status}"
    if response.headers.get("Validation-Token") != token:
        return "the Validation-Token header is not the one that was sent"
    if len(body) > _LONGEST_ANSWER:
        return f"the response is longer than {_LONGEST_ANSWER} bytes"
    if not response.headers.get("Content-Type", "").startswith("application/json"):
        return "the Content-Type is not application/json"
    return None
