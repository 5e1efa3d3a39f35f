"""Every request of every adapter to a server that misbehaves in every way: errors of the contract, in words and in time."""

import asyncio
import math
from collections.abc import Awaitable

import pytest
from msgspec import Struct

from common import http
from integrations.contract import media
from integrations.contract.calls import CallCommands
from integrations.contract.errors import AuthorizationLost, VendorError, VendorUnavailable
from integrations.registry import ADAPTERS
from tests.hostile.misbehaviours import LARGE, MISBEHAVIOURS
from tests.hostile.operations import adapter_at, operations
from tests.hostile.server import Good, hostile_server

TIMEOUT_S = 0.4
IN_TIME_S = 8.0
"""Several requests, one after the other, and a busy machine."""
LONGEST_WORDS = 1200
_STATE = b'{"callId":"a1","stateToken":1,"status":"ACTIVE","inbound":true,"remoteParty":{"telUri":"tel:+31612345678"}}'
_HELD = b'{"callId":"a1","stateToken":1,"status":"HELD","inbound":true}'
_LINE = b'{"channel":"a1","extension":"anna","callerId":"31612345678","state":"talking"}'
_STATUS = b'{"queue":"35@acme.example","agent":2,"extension":"anna","status":"signedOut"}'
DEEPER: dict[str, Good] = {
    "eq": {
        "/active_calls": b"[%s]" % _LINE,
        "/call_queue_agent_status": b"[%s]" % _STATUS,
        "/queued_calls": b'[{"channel":"a2","queue":"35@acme.example","callerId":"31612345678"}]',
        "/call_recordings": b'["/var/spool/asterisk/monitor/a.wav"]',
    },
    "ringcentral": {"/device": b'{"records":[{"id":"1","status":"Online"}]}'},
    "dstny": {"/calls/a1": _HELD, "/calls/a2": _STATE.replace(b"a1", b"a2"), "/devices": b'["+1555555"]'},
}
"""What is answered properly, so that what commands do after it is reached."""
CASES = [
    *(pytest.param(vendor, {}, id=vendor) for vendor in ADAPTERS),
    *(pytest.param(vendor, good, id=f"{vendor}, later") for vendor, good in DEEPER.items()),
]
SENT_LARGE = {"check", "originate", "snapshot", "passthrough", "create_subscription", "open_recording"}


class Outcome(Struct):
    """Of one request."""

    name: str
    error: BaseException | None


async def outcome(name: str, asked: Awaitable[object]) -> Outcome:
    try:
        async with asyncio.timeout(IN_TIME_S):
            await asked
    except Exception as error:
        return Outcome(name, error)
    return Outcome(name, None)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", TIMEOUT_S)
    monkeypatch.setattr(media, "SILENCE_S", TIMEOUT_S)
    monkeypatch.setattr(media, "MOST_BYTES", http.MAX_RESPONSE_BYTES)


@pytest.mark.parametrize(("vendor", "good"), CASES)
async def test_answers_that_no_vendor_should_give(vendor: str, good: Good) -> None:
    wrong: list[str] = []
    commands = {name for name in vars(CallCommands) if name[0] != "_"}
    for name, misbehaviour in MISBEHAVIOURS.items():
        asked = commands if good else SENT_LARGE if name in LARGE else operations(vendor).keys()
        async with hostile_server(misbehaviour, good) as server, adapter_at(vendor, server.url) as adapter:
            outcomes = await asyncio.gather(
                *(outcome(what, ask(adapter)) for what, ask in operations(vendor).items() if what in asked)
            )
        wrong += [f"{name}: {each.name}: {each.error!r}" for each in outcomes if not _is_told(each.error)]
        lost = [each.name for each in outcomes if isinstance(each.error, AuthorizationLost)]
        wrong += [f"{name}: {each} lost the authorization" for each in lost if name != "nothing with status 401"]
    assert not wrong, "\n".join(wrong)


def _is_told(error: BaseException | None) -> bool:
    """An answer that could be used, or the contract's error in words, with a time to wait that is one."""
    if error is None:
        return True
    wait = error.retry_after if isinstance(error, VendorUnavailable) else None
    is_time = wait is None or (math.isfinite(wait) and wait >= 0)
    return isinstance(error, VendorError) and 0 < len(str(error)) <= LONGEST_WORDS and is_time
