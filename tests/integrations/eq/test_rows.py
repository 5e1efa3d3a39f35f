"""Objects that the document doesn't show, read whatever their fields are called."""

from typing import Any

import pytest

from integrations.contract.events import LegState, Recording
from integrations.vendors.eq.agents import agent_row, queue_row, seats
from integrations.vendors.eq.rows import Role, Row, leg_id, line_row, parked_row, queued_row, whose
from integrations.vendors.eq.wire import Record, Unreadable, decode, record_of, records_of
from tests.integrations.eq.live import CUSTOMER, call_of, eq_of, ring_in, shown, states
from tests.integrations.eq.pictures import line
from tests.sandbox_server import SandboxHandle

COMPANY = "acme-eq"


def read(fields: dict[str, Any], extension: str = "502") -> Row:
    row = line_row(Record(fields), extension)
    assert row is not None
    return row


@pytest.mark.parametrize(
    "fields",
    [
        {"callerId": CUSTOMER, "callerName": "Jan", "destination": "502"},
        {"caller_id": CUSTOMER, "caller_name": "Jan", "direction": "inbound"},
        {"CallerIDNum": CUSTOMER, "CallerIDName": "Jan"},
        {"callerid": f'"Jan" <{CUSTOMER}>'},
        {"caller": {"number": CUSTOMER, "name": "Jan"}},
        {"ConnectedLineNum": CUSTOMER, "ConnectedLineName": "Jan", "CallerIDNum": "502"},
        {"from": CUSTOMER, "from_name": "Jan", "to": "502"},
    ],
)
def test_who_calls(fields: dict[str, Any]) -> None:
    party = read({"channel": "SIP/502-1", "state": "Up", **fields}).party
    assert (party.number, party.name) == (CUSTOMER, "Jan")


@pytest.mark.parametrize(
    ("fields", "role", "state"),
    [
        ({"state": "ringing", "callerId": CUSTOMER}, Role.CALLEE, LegState.ALERTING),
        ({"state": "Ringing"}, Role.CALLEE, LegState.ALERTING),
        ({"ChannelState": "5"}, Role.CALLEE, LegState.ALERTING),
        ({"state": "Ring", "destination": CUSTOMER}, Role.CALLER, LegState.INITIATED),
        ({"state": "Up", "callerId": "502", "destination": CUSTOMER}, Role.CALLER, LegState.CONNECTED),
        ({"state": "on hold", "direction": "outgoing"}, Role.CALLER, LegState.HOLD),
        ({"status": "talking", "direction": "in"}, Role.CALLEE, LegState.CONNECTED),
        ({"state": "parked"}, Role.CALLEE, LegState.PARKED),
        ({"state": "philosophizing"}, Role.CALLEE, LegState.CONNECTED),
        ({"state": "Up", "monitoring": "whisper"}, Role.SUPERVISOR, LegState.CONNECTED),
    ],
)
def test_whose_part_it_is(fields: dict[str, Any], role: Role, state: LegState) -> None:
    row = read({"channel": "SIP/502-1", **fields})
    assert (row.role, row.state) == (role, state)


@pytest.mark.parametrize("word", ["", "anonymous", "Unknown", "Private"])
def test_withheld_numbers(word: str) -> None:
    party = read({"channel": "SIP/502-1", "callerId": word, "callerName": "Anonymous"}).party
    assert (party.number, party.anonymous) == (None, True)


def test_a_call_that_says_that_it_is_over_is_none() -> None:
    assert line_row(Record({"channel": "SIP/502-1", "state": "hungup"}), "502") is None


def test_unknown_fields_are_kept() -> None:
    assert read(line("502", mood="good")).raw["mood"] == "good"


def test_recording_and_muting_where_they_are_told() -> None:
    row = read(line("502", "talking", recording="1", muted=True))
    assert (row.recording, row.muted, row.recording_id) == (Recording.ON, True, "unique:1769860800.7")
    assert read(line("502", "talking")).recording is None
    assert read({**line("502", unique=None), "id": 7, "recording": True}).recording_id == "call:7"


def test_rows_without_any_id_are_told_apart_by_who_calls() -> None:
    keys = {read({"callerId": number}).key for number in ("31600000001", "31600000002")}
    assert len(keys) == 2


def test_long_names_are_cut_and_keys_stay_short() -> None:
    row = read({"channel": "c" * 5000, "uniqueId": "é" * 5000, "callerId": "1" * 5000, "callerName": "n" * 5000})
    assert len(row.key) <= 200
    assert row.party.number is None
    assert len(row.party.name or "") <= 200


def test_leg_ids_tell_where_and_on_which_channel() -> None:
    row = read(line("502", channel="PJSIP/502-0/0"))
    assert whose(leg_id(row)) == ("502", "PJSIP/502-0/0")
    assert whose(leg_id(row, "remote")) == ("", "")
    assert whose(None) == ("", "")
    assert whose(leg_id(queued_row(Record({"channel": "SIP/t-1"}), "601"))) == ("queued", "SIP/t-1")
    assert whose(leg_id(parked_row(Record({"channel": "SIP/t-1"})))) == ("parked", "SIP/t-1")


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (None, 0),
        ([], 0),
        ({}, 0),
        ([{"a": 1}], 1),
        ({"a": 1}, 1),
        ({"601": {"a": 1}, "602": {"a": 2}}, 2),
        ({"calls": [{"a": 1}, {"a": 2}]}, 2),
    ],
)
def test_lists_of_objects(value: Any, count: int) -> None:
    assert len(records_of(value)) == count


@pytest.mark.parametrize("value", ["x", 7, True, [1], ["x"], [[]], [{"a": 1}, None]])
def test_what_is_no_list_of_objects(value: Any) -> None:
    with pytest.raises(Unreadable):
        records_of(value)
    with pytest.raises(Unreadable):
        record_of(value)


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b"[" * 100_000, b"{", b"nul"])
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(body)


def test_values_of_the_wrong_kind_are_no_values() -> None:
    record = Record({"a": True, "b": [], "c": "1e999", "d": "never", "e": -1e30, "f": "٣", "g": "yes"})
    assert [record.text(each) for each in "ab"] == [None, None]
    assert [record.number(each) for each in "acd"] == [None, None, None]
    assert [record.time(each) for each in "cdef"[:3]] == [None, None, None]
    assert [record.flag(each) for each in "abdg"] == [True, None, None, True]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "Available"}, "available"),
        ({"status": "On Call"}, "busy"),
        ({"status": "wrap-up"}, "wrap_up"),
        ({"status": "signed_out"}, "logged_out"),
        ({"signedIn": "0", "status": "available"}, "logged_out"),
        ({"paused": 1}, "paused"),
        ({"wrapUp": True}, "wrap_up"),
        ({"onCall": "1"}, "busy"),
        ({}, "available"),
        ({"status": "dancing"}, "busy"),
    ],
)
def test_agents_states(fields: dict[str, Any], state: str) -> None:
    assert agent_row(Record({"agent": 2, **fields}), {}).state == state


def test_where_agents_sit() -> None:
    sessions = [Record({"user": 3, "extension": "503"})]
    statuses = [Record({"agent": each, "number": f"50{each}"}) for each in (2, 3, 4)]
    assert seats(sessions, statuses, ["502", "503"], {}) == {"2": "502", "3": "503"}
    assert seats(sessions, statuses, ["502"], {"510": "2", "503": "9"}) == {"3": "503", "2": "510"}
    elsewhere = [Record({"user": 3, "extension": "502"})]
    assert seats(elsewhere, statuses, ["502", "503"], {}) == {"3": "502"}


def test_rows_that_say_not_whose_they_are() -> None:
    with pytest.raises(Unreadable, match="whose"):
        agent_row(Record({"queue": "601"}), {})
    with pytest.raises(Unreadable, match="which queue"):
        queue_row(Record({"callsWaiting": 1}))


@pytest.mark.parametrize(
    "dialect", [{"names": "snake"}, {"values": "text"}, {"states": "asterisk"}, {"empty": "null"}, {"errors": "object"}]
)
async def test_every_dialect_of_the_sandbox(sandbox: SandboxHandle, dialect: dict[str, str]) -> None:
    sandbox.set("dialect", COMPANY, **dialect)
    async with eq_of(sandbox) as adapter:
        assert await shown(adapter) == []
        call = ring_in(sandbox, "601")
        names = {(event.vendor_call_id or "").partition(":")[0] for event in await shown(adapter)}
        assert names == {"queued", "line"}
        sandbox.act(call, "hangup", COMPANY)
        sandbox.act(ring_in(sandbox), "answer", COMPANY, extension="502")
        assert await states(adapter, "502") == [("connected", "connected")]
        await adapter.park(await call_of(adapter, "502"))
        [event] = await shown(adapter)
        assert event.legs[0].state == LegState.PARKED
