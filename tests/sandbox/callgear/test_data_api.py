"""The Data API: lists, their filters and pages, and reports of calls that have ended."""

from typing import Any

import pytest

from tests.sandbox.callgear.client import COMPANY, CUSTOMER, NOWHERE, RECEPTION, SALES, SERVICE, CallGear
from tests.sandbox_server import SandboxHandle

ALWAYS = {"date_from": "2000-01-01 00:00:00", "date_till": "2100-01-01 00:00:00"}


@pytest.fixture
def data(callgear: CallGear) -> CallGear:
    return callgear.at_data_api()


def test_employees(data: CallGear) -> None:
    answer = data.ask("get.employees")["result"]
    iris = answer["data"][0]
    assert (iris["id"], iris["full_name"], iris["status"]) == (data.employee("701"), "Iris Hofman", "active")
    assert iris["extension"] == {"extension_phone_number": "701"}
    assert [each["phone_number"] for each in iris["phone_numbers"]] == ["0770701", "0771701", "31612000701"]
    assert (answer["metadata"]["total_items"], answer["metadata"]["version"]) == (3, None)
    assert answer["metadata"]["limits"]["minute_remaining"] == 249


def test_settings_show(data: CallGear, sandbox: SandboxHandle) -> None:
    data.set("connection", coach="702", record_everything=True)
    sandbox.control("PATCH", f"/companies/{COMPANY}/extensions/702", dnd=True)
    (joris,) = data.do("get.employees", filter={"field": "full_name", "operator": "like", "value": "joris%"})
    assert (joris["calls_available"], joris["call_recording"], joris["coach"]) == (False, "all", {"is_coach": True})


def test_virtual_numbers_and_scenarios(data: CallGear) -> None:
    numbers = {each["virtual_phone_number"]: each["scenarios"] for each in data.do("get.virtual_numbers")}
    assert list(numbers) == [RECEPTION, SALES, SERVICE, NOWHERE]
    assert numbers[NOWHERE] == []
    scenarios = {each["id"]: each for each in data.do("get.scenarios")}
    (reception,) = numbers[RECEPTION]
    assert scenarios[reception["id"]] == reception | {"virtual_phone_numbers": [RECEPTION]}


def test_other_lists(data: CallGear) -> None:
    assert data.do("get.tags")[0] == {"id": 254, "name": "Relevant", "is_system": False}
    assert data.do("get.media_files")[0]["name"] == "Dialing music"
    lines = data.do("get.sip_lines", fields=["phone_number", "employee_full_name"])
    assert {"phone_number": "0771703", "employee_full_name": "Kim Peters"} in lines
    assert data.do("get.account") == [{"app_id": 1103, "name": "Acme The Hague", "timezone": "UTC"}]
    data.set("dialect", utc_offset_h=3)
    assert data.do("get.account", fields=["timezone"]) == [{"timezone": "Etc/GMT-3"}]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"limit": 2}, ["Relevant", "Not relevant"]),
        ({"limit": 2, "offset": 4}, ["Repeat call"]),
        ({"sort": [{"field": "name", "order": "desc"}], "limit": 1}, ["Repeat call"]),
        ({"sort": [{"field": "is_system", "order": "desc"}, {"field": "id"}], "limit": 2}, ["Repeat call", "Relevant"]),
        ({"filter": {"field": "is_system", "operator": "=", "value": True}}, ["Repeat call"]),
        ({"filter": {"field": "id", "operator": "in", "value": [255, 256]}}, ["Not relevant", "Call back"]),
        (
            {
                "filter": {
                    "condition": "or",
                    "filters": [
                        {"field": "id", "operator": "<", "value": 255},
                        {"field": "name", "operator": "like", "value": "comp"},
                    ],
                }
            },
            ["Relevant", "Complaint"],
        ),
    ],
)
def test_lists_are_filtered_sorted_and_paged(data: CallGear, query: dict[str, Any], names: list[str]) -> None:
    assert [each["name"] for each in data.do("get.tags", **query)] == names


@pytest.mark.parametrize(
    ("query", "mnemonic", "field"),
    [
        ({"limit": 0}, "invalid_parameter_value", "limit"),
        ({"limit": "2"}, "data_type_error", "limit"),
        ({"fields": ["shoe_size"]}, "invalid_parameter_value", "fields"),
        ({"sort": [{"field": "shoe_size"}]}, "invalid_parameter_value", "sort.field"),
        ({"sort": ["name"]}, "data_type_error", "sort"),
        ({"sort": [{}]}, "required_parameter_missed", "sort.field"),
        ({"filter": {"field": "name"}}, "invalid_parameter_value", "filter"),
        ({"filter": {"filters": ["x"]}}, "data_type_error", "filter"),
        ({"filter": {"field": "id", "operator": "<", "value": "a"}}, "data_type_error", "filter.value"),
    ],
)
def test_what_lists_refuse(data: CallGear, query: dict[str, Any], mnemonic: str, field: str) -> None:
    assert data.refusal("get.tags", **query) == (-32602, mnemonic, field)


def test_lists_are_not_sorted_by_what_has_no_order(data: CallGear) -> None:
    refused = data.refusal("get.employees", sort=[{"field": "phone_numbers"}])
    assert refused == (-32602, "invalid_parameter_value", "sort.field")


def test_reports(callgear: CallGear, data: CallGear) -> None:
    answered = callgear.talk(extension="702")
    callgear.do("record.call", call_session_id=answered, action="on")
    callgear.do("release.call", call_session_id=answered)
    lost = callgear.ring_in(SALES)
    callgear.act(lost, "hangup")
    callgear.talk()
    first, second = data.do("get.calls_report", **ALWAYS)
    assert (first["id"], first["is_lost"], first["contact_phone_number"]) == (answered, False, CUSTOMER)
    assert [each["is_answered"] for each in first["employees"]] == [False, True]
    (recording,) = first["call_records"]
    link = f"/callgear/{COMPANY}/media/{answered}/{recording}"
    assert callgear.sandbox.request("GET", link).status == 200
    assert (second["id"], second["is_lost"], second["call_records"]) == (lost, True, [])
    legs = data.do("get.call_legs_report", **ALWAYS)
    assert [each["employee_full_name"] for each in legs if each["is_talked"]] == [None, "Joris Blom"]


def test_reports_are_of_a_time(callgear: CallGear, data: CallGear) -> None:
    callgear.do("release.call", call_session_id=callgear.talk())
    assert data.do("get.calls_report", **ALWAYS | {"date_till": "2000-01-02 00:00:00"}) == []
    expected = (-32602, "required_parameter_missed", "date_from")
    assert data.refusal("get.calls_report") == expected
    wrong = ALWAYS | {"date_from": "yesterday"}
    assert data.refusal("get.calls_report", **wrong) == (-32602, "invalid_parameter_value", "date_from")


def test_it_is_another_api(callgear: CallGear, data: CallGear) -> None:
    """With its own methods and points, and the same keys."""
    assert data.refusal("list.calls")[1] == "method_not_found"
    assert callgear.refusal("get.tags")[1] == "method_not_found"
    callgear.set("connection", minute_limit=1)
    assert len(data.do("get.tags")) == 5
    assert data.refusal("get.tags")[1] == "limit_exceeded"
    assert callgear.sessions() == []
    settings = callgear.sandbox.company(COMPANY)["client"]["settings"]
    assert settings == {"data_api_url": f"{callgear.sandbox.url}{data.path}"}
