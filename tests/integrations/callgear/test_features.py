"""Walks the feature table of CallGear's README: each row has a scenario that proves it against the sandbox."""

from pathlib import Path

import pytest

from integrations.contract.capabilities import Capability
from integrations.contract.errors import Unsupported
from integrations.vendors import callgear
from integrations.vendors.callgear.adapter import CallGearAdapter
from integrations.vendors.callgear.methods import METHODS
from integrations.vendors.callgear.starting import STARTS, allowed
from integrations.vendors.callgear.templates import TEMPLATES
from tests.integrations.callgear import call_scenarios as calls
from tests.integrations.callgear import other_scenarios as others
from tests.integrations.callgear.call_scenarios import Scenario
from tests.integrations.callgear.live import COMPANY, callgear_of
from tests.integrations.readme import features_of
from tests.sandbox_server import SandboxHandle

README = Path(callgear.__file__).parent / "README.md"
FEATURES = features_of(callgear)
SCENARIOS: dict[str, Scenario] = {
    "login.user": others.log_in,
    "logout.user": others.passed_through("logout.user"),
    "start.employee_call": calls.employee_call,
    "start.simple_call": calls.simple_call,
    "start.scenario_call": calls.scenario_call,
    "start.vnumber_call": calls.vnumber_call,
    "start.informer_call": calls.informer_call,
    "release.call": calls.hangup,
    "hold.call": calls.hold_and_resume,
    "unhold.call": calls.hold_and_resume,
    "make.call": calls.consult,
    "transfer.talk": calls.complete_transfer,
    "transfer.talk (dialing)": calls.blind_transfer,
    "restore.talk": calls.cancel_transfer,
    "add.coach": calls.coach,
    "add.coach (of the client area)": calls.the_client_areas_coach,
    "tag.call": calls.tag,
    "record.call (on)": calls.record,
    "record.call (off)": calls.record,
    "disconnect.leg": calls.disconnect_leg,
    "send.dtmf": calls.dtmf,
    "block.contact": calls.block,
    "list.calls": others.polls,
    "list.calls (snapshot)": others.snapshot,
    "list.talk_options": others.passed_through("list.talk_options"),
    "call.talk_option": others.talk_option,
    **{template.event: others.notified(template.event) for template in TEMPLATES},
    "get.employees": others.employees,
    "get.virtual_numbers": others.virtual_numbers,
    "get.tags": others.tags,
    "get.calls_report": others.call_log,
    "get.account": others.call_log,
    **{
        method: others.passed_through(method, "/data")
        for method in ("get.scenarios", "get.media_files", "get.sip_lines")
    },
    "get.call_legs_report": others.legs_report,
}
IMPOSSIBLE = {
    "answering, rejecting, muting, parking, picking up, conferences": others.not_in_the_document,
    "listening, barging in": others.only_whispering,
}


def test_every_row_has_its_scenario() -> None:
    assert FEATURES.keys() == SCENARIOS.keys() | IMPOSSIBLE.keys()


def test_every_method_has_its_row() -> None:
    assert METHODS.keys() <= {operation.partition(" (")[0] for operation in FEATURES}


def test_rows_name_what_is_declared() -> None:
    named = {each for each in FEATURES.values() if "." in each}
    assert named <= {str(each) for each in CallGearAdapter.declared}
    assert {here for operation, here in FEATURES.items() if operation in IMPOSSIBLE} == {"impossible"}


@pytest.mark.parametrize("operation", SCENARIOS)
async def test_operation(operation: str, sandbox: SandboxHandle) -> None:
    sandbox.set("behaviour", COMPANY, ring_timeout_s=60)
    async with callgear_of(sandbox, poll_interval_ms=200) as adapter:
        await SCENARIOS[operation](adapter, sandbox)
    assert operation in FEATURES


@pytest.mark.parametrize("operation", IMPOSSIBLE)
async def test_impossible(operation: str, sandbox: SandboxHandle) -> None:
    async with callgear_of(sandbox) as adapter:
        for ask in IMPOSSIBLE[operation](adapter):
            with pytest.raises(Unsupported):
                await ask
    assert Capability.ANSWER not in CallGearAdapter.declared


def test_the_readme_has_every_option_of_every_kind_of_call() -> None:
    section = README.read_text().split("## Placing calls")[1].split("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    documented_of = {
        kind: {
            option.strip(" `")
            for names, of in rows
            for option in names.split(",")
            if f"`{kind}`" in of.partition("all but")[0] or ("all" in of and f"all but `{kind}`" not in of)
        }
        for kind in STARTS
    }
    assert documented_of == {kind: allowed(kind) - {"type"} for kind in STARTS}
