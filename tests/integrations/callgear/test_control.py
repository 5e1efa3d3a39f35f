"""What commands ask of CallGear, in which order, and what is taken back when a later step is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from integrations.contract.commands import CallRef, Destination, LegRef, Originate
from integrations.contract.errors import InvalidCallState, Unsupported, VendorRejected, VendorTimeout
from tests.integrations.callgear.fake import Answers, error, faked, result

IRIS, JORIS = Destination(extension_id="25"), Destination(extension_id="26")
CUSTOMER = Destination(number="+31612345678")
EMPLOYEES = result(
    [
        {"id": 25, "full_name": "Iris", "extension": {"extension_phone_number": "701"}, "phone_numbers": []},
        {
            "id": "26",
            "full_name": "Joris",
            "extension": None,
            "phone_numbers": [
                {"phone_number": "0770702", "status": "inactive"},
                {"phone_number": "31612000702", "status": "active"},
            ],
        },
    ]
)
NUMBERS = result(
    [{"virtual_phone_number": "31705550799", "status": "inactive"}, {"virtual_phone_number": "31705550700"}]
)
DONE = result({"success": "true"})
STARTED = result({"call_session_id": 237859081})
REFUSED = error(-32602, "no_active_phone_number", "The phone number does not exist or inactive")
ANSWERS: Answers = {
    "get.employees": EMPLOYEES,
    "get.virtual_numbers": NUMBERS,
    **dict.fromkeys(("start.employee_call", "start.simple_call", "start.informer_call", "start.vnumber_call"), STARTED),
    **dict.fromkeys(("hold.call", "unhold.call", "make.call", "transfer.talk", "restore.talk"), DONE),
}


def call(state: str = "connected", leg_id: str | None = "7") -> CallRef:
    leg = LegRef("1", leg_id, "25", state=state)
    return CallRef("1", "connected", (leg,), leg)


async def originated(command: Originate, settings: Mapping[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
    """The method that was asked for, and its parameters without the key."""
    async with faked(ANSWERS, settings=dict(settings or {})) as (adapter, fake):
        assert await adapter.originate(command) == "237859081"
    method, params = fake.asked[-1]
    return method, {name: value for name, value in params.items() if name != "access_token"}


async def test_an_employees_call() -> None:
    assert await originated(Originate(IRIS, CUSTOMER, caller_id="+31705550701")) == (
        "start.employee_call",
        {
            "direction": "out",
            "first_call": "employee",
            "contact": "31612345678",
            "virtual_phone_number": "31705550701",
            "employee": {"id": 25},
        },
    )


@pytest.mark.parametrize(
    ("number", "method", "who"),
    [
        ("701", "start.employee_call", {"employee": {"id": 25}}),
        ("+31612000702", "start.employee_call", {"employee": {"id": 26}}),
        ("+31205550123", "start.simple_call", {"operator": "31205550123"}),
    ],
)
async def test_a_number_may_be_an_employees(number: str, method: str, who: dict[str, Any]) -> None:
    asked, params = await originated(Originate(Destination(number=number), CUSTOMER))
    assert asked == method
    assert who.items() <= params.items()


@pytest.mark.parametrize(
    ("caller_id", "chosen", "shown"),
    [
        (None, {}, "31705550700"),  # the first that is active
        (None, {"virtual_phone_number": "+31705550702"}, "31705550702"),
        ("+31705550701", {"virtual_phone_number": "31705550702"}, "31705550701"),
    ],
)
async def test_which_virtual_number_is_shown(caller_id: str | None, chosen: dict[str, str], shown: str) -> None:
    _, params = await originated(Originate(IRIS, CUSTOMER, caller_id), chosen)
    assert params["virtual_phone_number"] == shown


async def test_an_employee_is_called_at_an_active_number() -> None:
    _, params = await originated(Originate(IRIS, JORIS, "31705550700"))
    assert params["contact"] == "31612000702"  # extensions aren't supported there
    with pytest.raises(VendorRejected, match="Iris has no active number"):
        await originated(Originate(JORIS, IRIS, "31705550700"))


async def test_calls_from_a_virtual_number() -> None:
    options = {"type": "informer", "contact_message": {"type": "media", "value": "237"}, "direction": "in"}
    command = Originate(Destination(number="+31705550701"), CUSTOMER, options=options)
    method, params = await originated(command)
    assert method == "start.informer_call"
    assert (params["virtual_phone_number"], params["direction"]) == ("31705550701", "in")
    assert "type" not in params
    with pytest.raises(Unsupported, match="from one of its employees"):
        await originated(Originate(Destination(number="+31205550123"), CUSTOMER, options={"type": "employee"}))


# The state diagram.


async def steps(answers: Answers, act: str, ref: CallRef, *what: Any) -> tuple[list[str], Exception | None]:
    """The methods that were asked for, and the error that came of it."""
    async with faked(ANSWERS | answers) as (adapter, fake):
        try:
            await getattr(adapter, act)(ref, *what)
        except Exception as failure:
            return [method for method, _ in fake.asked if not method.startswith("get.")], failure
    return [method for method, _ in fake.asked if not method.startswith("get.")], None


BLIND = ("transfer", call(), JORIS, "blind")
CONSULT = ("consult", call(), JORIS, None)


async def test_a_blind_transfer_is_three_steps() -> None:
    assert await steps({}, *BLIND) == (["hold.call", "make.call", "transfer.talk"], None)


async def test_whoever_is_on_hold_already_is_not_put_there() -> None:
    assert await steps({}, "consult", call("hold"), JORIS, None) == (["make.call"], None)


@pytest.mark.parametrize("act", [BLIND, CONSULT], ids=["transfer", "consult"])
async def test_the_caller_is_taken_back_when_nobody_can_be_called(act: Any) -> None:
    asked, failure = await steps({"make.call": REFUSED}, *act)
    assert asked == ["hold.call", "make.call", "unhold.call"]
    assert isinstance(failure, VendorRejected)


async def test_the_caller_is_taken_back_when_they_cannot_be_handed_over() -> None:
    asked, failure = await steps({"transfer.talk": error(-32004, "invalid_state")}, *BLIND)
    assert asked == ["hold.call", "make.call", "transfer.talk", "restore.talk"]
    assert isinstance(failure, InvalidCallState)


async def test_what_was_refused_is_told_though_taking_back_fails_too() -> None:
    gone = error(-32602, "call_session_not_found")
    _, failure = await steps({"make.call": REFUSED, "unhold.call": gone}, *CONSULT)
    assert "does not exist or inactive" in str(failure)


async def test_nothing_is_taken_back_when_the_outcome_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faked(ANSWERS) as (adapter, fake):
        post = adapter._calls._post

        async def broken(body: Mapping[str, Any], method: str) -> Any:
            if method == "make.call":
                raise VendorTimeout("the answer didn't come")
            return await post(body, method)

        monkeypatch.setattr(adapter._calls, "_post", broken)
        with pytest.raises(VendorTimeout):
            await adapter.transfer(call(), JORIS, "blind")
    assert [method for method, _ in fake.asked if method != "get.employees"] == ["hold.call"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({}, {"type": "tts", "value": "Please hold the line."}),
        ({"hold_message": "2034"}, {"type": "media", "value": "2034"}),
        ({"hold_message": "One moment"}, {"type": "tts", "value": "One moment"}),
    ],
)
async def test_what_the_caller_hears_on_hold(setting: dict[str, str], message: dict[str, str]) -> None:
    async with faked(ANSWERS, settings=setting) as (adapter, fake):
        await adapter.hold(call())
    assert fake.sent("hold.call")[0]["contact_message"] == message


async def test_what_cannot_be_asked_is_refused_before() -> None:
    async with faked({}) as (adapter, fake):
        with pytest.raises(InvalidCallState, match="leg's id"):
            await adapter.disconnect_leg(call(leg_id="employee:25"))
        with pytest.raises(Unsupported, match="keys 0 to 9"):
            await adapter.dtmf(call(), "1A")
        with pytest.raises(Unsupported, match="leave the device out"):
            await adapter.consult(call(), JORIS, "desk")
        with pytest.raises(Unsupported, match="not to another call"):
            await adapter.complete_transfer(call(), CallRef("2", "connected"))
        with pytest.raises(VendorRejected, match="no id of CallGear's"):
            await adapter.hangup(CallRef("a1", "connected"))
    assert fake.asked == []


async def test_recordings_are_fetched_from_callgear_alone() -> None:
    async with faked({}) as (adapter, _):
        for address in ("https://evil.example/1/2", "file:///etc/passwd", "1", "http://callapi.callgear.com.evil/1"):
            with pytest.raises(VendorRejected, match="isn't at CallGear"):
                adapter.open_recording(address)
