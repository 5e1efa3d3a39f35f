"""The "Call Recording API": on demand, and where everything is recorded and has to be saved."""

from typing import Any

import pytest

from tests.sandbox.dstny.client import COMPANY, Dstny, ring_in
from tests.sandbox_server import SandboxHandle


def words(state: dict[str, Any]) -> list[str]:
    return [each["action"] for each in state["actions"] if each["action"].endswith("_REC")]


@pytest.fixture
def state(sandbox: SandboxHandle, wout: Dstny) -> dict[str, Any]:
    """A call that is answered; nothing is recorded by itself."""
    ring_in(sandbox)
    return wout.answer()


@pytest.fixture
def recorded(sandbox: SandboxHandle, wout: Dstny) -> dict[str, Any]:
    """A call that is answered where everything is recorded."""
    sandbox.set("dialect", COMPANY, recording="external")
    ring_in(sandbox)
    wout.answer()
    return wout.call("ACTIVE")


def test_recording_is_started_and_stopped(wout: Dstny, state: dict[str, Any]) -> None:
    assert (state["recording"], words(state)) == (False, ["START_REC"])
    started = wout.act(state, "/recording/start", stateToken=state["stateToken"])
    assert (started["recording"], started["recordingDuration"], words(started)) == (True, 0, ["STOP_REC"])
    stopped = wout.act(started, "/recording/stop", stateToken=started["stateToken"])
    assert (stopped["recording"], words(stopped)) == (False, ["START_REC"])
    assert len({each["stateToken"] for each in (state, started, stopped)}) == 3


def test_everything_is_recorded_and_saved_on_demand(wout: Dstny, recorded: dict[str, Any]) -> None:
    assert (recorded["externalRecording"], recorded["externalRecordingPaused"]) == (True, False)
    assert words(recorded) == ["SAVE_REC", "PAUSE_REC"]
    saved = wout.act(recorded, "/recording/save", stateToken=recorded["stateToken"])
    assert words(saved) == ["DISCARD_REC", "PAUSE_REC"]
    paused = wout.act(saved, "/recording/pause", stateToken=saved["stateToken"])
    assert (paused["externalRecordingPaused"], words(paused)) == (True, ["DISCARD_REC", "RESUME_REC"])
    resumed = wout.act(paused, "/recording/resume")
    assert words(resumed) == ["DISCARD_REC", "PAUSE_REC"]
    discarded = wout.act(resumed, "/recording/discard")
    assert (discarded["externalRecording"], words(discarded)) == (True, ["SAVE_REC", "PAUSE_REC"])


@pytest.mark.parametrize(("action", "items"), [("save", ["INCOMING_CALL", "RECORDING"]), (None, ["INCOMING_CALL"])])
def test_only_what_was_saved_is_kept(
    wout: Dstny, recorded: dict[str, Any], action: str | None, items: list[str]
) -> None:
    if action:
        wout.act(recorded, f"/recording/{action}")
    wout.act(recorded, "", "DELETE")
    found = [next(iter(each.values()))["itemType"] for each in wout.get("/commlog/{me}")["historyItems"]]
    assert found == items


def test_what_the_actions_do_not_offer_is_refused(wout: Dstny, state: dict[str, Any]) -> None:
    path = f"/cti/control/{{me}}/calls/{state['callId']}/recording"
    assert wout.refusal("PUT", f"{path}/stop") == (409, "call.wrong.state")
    assert wout.refusal("PUT", f"{path}/save") == (409, "call.wrong.state")
    assert wout.refusal("PUT", f"{path}/rewind") == (400, "action.invalid")
    assert wout.refusal("PUT", f"{path}/start", {"stateToken": 1}) == (409, "state.token.mismatch")
