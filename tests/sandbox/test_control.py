"""The control API and the process around it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.kwebbl import Kwebbl
from tests.sandbox_server import SandboxHandle, running_sandbox, wait_for

ROOT = Path(__file__).parents[2]


def refusal(sandbox: SandboxHandle, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = sandbox.send_json(method, f"/_control{path}", body)
    return answer.status, answer.json()["error"]


def test_companies_say_how_to_connect(sandbox: SandboxHandle) -> None:
    companies = {each["company"]: each for each in sandbox.control("GET", "/companies")}
    kwebbl = {name: each["base_url"] for name, each in companies.items() if each["vendor"] == "kwebbl"}
    assert kwebbl == {"acme": f"{sandbox.url}/kwebbl/acme/v100", "globex": f"{sandbox.url}/kwebbl/globex/v100"}
    assert companies["globex"]["connection"]["client_id"] == "globex-demo-client"
    assert [user["email"] for user in companies["globex"]["users"] if user["is_admin"]] == ["eva@globex.example"]


def test_ended_calls_are_kept(sandbox: SandboxHandle) -> None:
    call = sandbox.ring_in("1001")
    sandbox.act(call, "hangup")
    (ended,) = sandbox.control("GET", "/companies/acme/calls", ended=1)
    assert (ended["id"], ended["state"], ended["end_cause"]) == (call, "ended", "cancelled")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/calls", {"to": "4999"}, 400),
        ("/calls", {}, 400),
        ("/calls", {"from_extension": "7777", "to": "1001"}, 400),
        ("/calls/unknown/answer", {}, 404),
        ("/webhooks/hold", {"seconds": "soon"}, 400),
        ("/busy-day", {"calls_per_minute": -1}, 400),
        ("/burst", {"events_per_second": 0}, 400),
    ],
)
def test_refusals_say_why(sandbox: SandboxHandle, path: str, body: dict[str, Any], status: int) -> None:
    answered, why = refusal(sandbox, "POST", f"/companies/acme{path}", body)
    assert answered == status
    assert why


def test_action_that_is_impossible_now(sandbox: SandboxHandle) -> None:
    call = sandbox.ring_in("1001")
    assert refusal(sandbox, "POST", f"/companies/acme/calls/{call}/answer", {"extension": "1002"})[0] == 409
    assert refusal(sandbox, "POST", f"/companies/acme/calls/{call}/fly", {})[0] == 400


def test_settings_are_checked(sandbox: SandboxHandle) -> None:
    assert refusal(sandbox, "PATCH", "/companies/acme/dialect", {"resume_word": "resumption"})[0] == 400
    assert refusal(sandbox, "PATCH", "/companies/acme/faults", {"gremlins": 1})[0] == 400
    assert sandbox.set("dialect", external_prefix="+")["external_prefix"] == "+"
    assert sandbox.company()["dialect"]["external_prefix"] == "+"


def test_page_elsewhere_can_not_ring_phones(sandbox: SandboxHandle) -> None:
    answer = sandbox.request(
        "POST", "/_control/companies/acme/calls", b'{"to": "1001"}', {"Content-Type": "text/plain"}
    )
    assert answer.status == 400
    assert sandbox.control("GET", "/companies/acme/calls") == []


def test_reset_restores_everything(sandbox: SandboxHandle) -> None:
    before = sandbox.company()
    admin = Kwebbl.authorized(sandbox)
    admin.send("POST", "/subscriptions", {"callback_url": "http://127.0.0.1:9/hook"})
    path = f"/extensions/{admin.extension('1001')}"
    admin.send("PUT", f"{path}/caller_id", {"caller_id": admin.get(f"{path}/multiple_caller_ids")[1]["caller_id"]})
    settings: dict[str, dict[str, Any]] = {
        "faults": {"duplicate": 0.5},
        "dialect": {"resume_word": "resumed"},
        "behaviour": {"auto_pickup": False},
        "delivery": {"attempts": 1},
        "connection": {"access_token_s": 1},
    }
    for group, values in settings.items():
        sandbox.set(group, **values)
    sandbox.ring_in("1001")
    sandbox.control("POST", "/companies/acme/reset")
    assert sandbox.company() == before


def test_busy_day_plays_every_kind_of_call_and_ends(sandbox: SandboxHandle) -> None:
    sandbox.control("POST", "/companies/acme/busy-day", calls_per_minute=6000, seconds=0.2, pace=0.002)
    wait_for(lambda: not sandbox.company()["traffic"]["running"])
    assert sandbox.company()["traffic"]["started"] == 20
    assert wait_for(lambda: sandbox.control("GET", "/companies/acme/calls") == [])
    causes = {call["end_cause"] for call in sandbox.control("GET", "/companies/acme/calls", ended=1)}
    assert causes == {"hangup", "cancelled", "transferred"}


def test_busy_day_stops(sandbox: SandboxHandle) -> None:
    sandbox.control("POST", "/companies/acme/busy-day", calls_per_minute=600, seconds=600)
    wait_for(lambda: sandbox.control("GET", "/companies/acme/calls"))
    sandbox.control("POST", "/companies/acme/traffic/stop")
    assert sandbox.control("GET", "/companies/acme/calls") == []
    assert sandbox.company()["traffic"]["running"] is False


def test_address_of_a_subscriber_is_shown_without_its_secret_path(sandbox: SandboxHandle) -> None:
    Kwebbl.authorized(sandbox).send("POST", "/subscriptions", {"callback_url": "http://127.0.0.1:9/hooks/secret"})
    assert [each["callback_url"] for each in sandbox.company()["subscriptions"]] == ["http://127.0.0.1:9"]
    assert "secret" not in str(sandbox.control("GET", "/companies/acme/ledger"))


def test_console_page_has_no_inline_script(sandbox: SandboxHandle) -> None:
    page = sandbox.request("GET", "/")
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert b"onclick" not in page.body


def test_stops_within_two_seconds_with_calls_and_webhooks_pending() -> None:
    with running_sandbox() as sandbox:
        admin = Kwebbl.authorized(sandbox)
        admin.send("POST", "/subscriptions", {"callback_url": "http://127.0.0.1:9/hook"})
        sandbox.ring_in("1001")
        sandbox.control("POST", "/companies/acme/busy-day")
        begin = time.monotonic()
        sandbox.process.send_signal(signal.SIGTERM)
        sandbox.process.wait(5)
        assert time.monotonic() - begin < 2


def sandbox_command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sandbox", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def test_taken_port_is_one_clear_line(sandbox: SandboxHandle) -> None:
    port = sandbox.url.rpartition(":")[2]
    run = sandbox_command("--port", port)
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        f"sandbox: can't listen on 127.0.0.1:{port} (Address already in use); choose another with --port"
    ]


def test_describe_prints_the_defaults(sandbox: SandboxHandle) -> None:
    described = json.loads(sandbox_command("--describe", "--port", sandbox.url.rpartition(":")[2]).stdout)
    assert described == sandbox.control("GET", "/companies")
