"""What happens as time goes by, on a clock that the test moves."""

import pytest

from sandbox import defaults
from sandbox.engine.model import Cause, LegState
from sandbox.faces.callgear.errors import RpcError
from sandbox.faces.callgear.face import CallGearFace
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.points import Points
from sandbox.faults import FaultState
from sandbox.outbox import Outbox
from tests.sandbox.callgear.client import CUSTOMER, KEY, LOGIN, RECEPTION, TTS
from tests.sandbox.engine.office import Clock

INFORM = Values(virtual_phone_number=RECEPTION, contact=CUSTOMER, contact_message=Values(TTS))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def face(clock: Clock) -> CallGearFace:
    company = defaults.acme_callgear()
    company.now, company.call_later = lambda: clock.now, clock.later
    faults = FaultState()
    connection = defaults.callgear_connection_for(company)
    return CallGearFace(company, faults, Outbox(faults), connection, "http://127.0.0.1:9100")


def test_points_come_back(clock: Clock) -> None:
    points = Points(lambda: (1, 2), lambda: clock.now)
    points.charge()
    clock.pass_(20)
    assert points.render()["minute_reset"] == 40
    with pytest.raises(RpcError, match="Limit per minute"):
        points.check()
    clock.pass_(40)
    points.check()
    points.charge()
    clock.pass_(60)
    assert points.render()["minute_remaining"] == 1
    with pytest.raises(RpcError, match="Limit per day"):
        points.check()
    clock.pass_(86_400 - 120)
    points.check()
    assert points.render()["day_remaining"] == 2


def test_a_session_lasts_an_hour(clock: Clock, face: CallGearFace) -> None:
    token, ends = face.tokens.login(LOGIN["login"], LOGIN["password"])
    assert ends == clock.now + 3600
    clock.pass_(3599)
    face.tokens.check(token)
    clock.pass_(1)
    with pytest.raises(RpcError, match="Access token is invalid"):
        face.tokens.check(token)
    face.tokens.check(KEY)
    assert face.expire_tokens() == 1


@pytest.mark.parametrize(("timeout", "seconds"), [({}, 30), ({"dialing_timeout": 7}, 7)])
def test_an_informer_gives_up(clock: Clock, face: CallGearFace, timeout: dict[str, int], seconds: int) -> None:
    face.starts.informer_call(Values(INFORM | timeout))
    (session,) = face.sessions.live
    clock.pass_(seconds - 1)
    assert face.sessions.live == [session]
    clock.pass_(1)
    assert (face.sessions.live, session.call.end_cause) == ([], Cause.NO_ANSWER)


def test_an_informers_message_plays_to_its_end(clock: Clock, face: CallGearFace) -> None:
    face.starts.informer_call(INFORM)
    (session,) = face.sessions.live
    clock.pass_(29)
    face.switch.calls.answer(session.call, session.call.in_state(LegState.ALERTING)[0])
    clock.pass_(4)
    assert face.sessions.live == [session]
    clock.pass_(1)
    assert (face.sessions.live, session.call.end_cause) == ([], Cause.HANGUP)


def test_ids_never_come_again(clock: Clock, face: CallGearFace) -> None:
    """Not even after a reset within the same millisecond."""
    first = face.starts.informer_call(INFORM)["call_session_id"]
    face.reset()
    face.company.reset()
    second = face.starts.informer_call(INFORM)["call_session_id"]
    assert first == int(clock.now * 1000)
    assert second > first
