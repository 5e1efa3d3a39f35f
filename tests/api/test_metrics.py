"""GET /metrics: for this machine and for admins' keys; for everybody else there is nothing."""

import json
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import websockets.sync.client
from django.db import connection
from django.test import Client

from common.times import utc_now
from cti.streams.models import Stream
from integrations.models import Upkeep
from integrations.schedule import LEASE
from tenants.models import Scope
from tenants.rls import tenant_scope
from tests.api.world import World, make_world
from tests.connected import connect_account, kwebbl_event
from tests.servers import Server
from tests.tenancy import make_company

ELSEWHERE = "203.0.113.7"


def series_of(text: str) -> dict[str, float]:
    """Every series by its name and labels."""
    lines = (line.rpartition(" ") for line in text.splitlines() if line[0] != "#")
    return {name: float(number) for name, _, number in lines}


def read() -> dict[str, float]:
    return series_of(Client().get("/metrics").text)


def ask(server: Server, method: str, path: str, body: Any = None) -> str:
    with closing(HTTPConnection(urlsplit(server.url).netloc, timeout=10)) as connection:
        connection.request(method, path, json.dumps(body))
        response = connection.getresponse()
        assert response.status == 200
        return response.read().decode()


def test_metrics_count_requests_under_their_routes(acme: World) -> None:
    acme.client.get(f"/api/v1/extensions/{acme.alice.public_id}")
    text = Client().get("/metrics").content.decode()
    assert 'patchbay_api_requests_total{method="GET",route="api/v1/extensions/<extension_id>",status="200"}' in text


def test_metrics_are_hidden_from_elsewhere(acme: World) -> None:
    assert Client().get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 404
    assert Client().get("/metrics", headers={"X-Forwarded-For": ELSEWHERE}).status_code == 404
    reader = acme.company.program(acme.company.key(Scope.EVENTS_READ))
    assert reader.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 404
    forged = acme.company.program("pb_000000000000_" + "x" * 43)
    assert forged.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 404


def test_metrics_are_there_for_an_admins_key(acme: World) -> None:
    admin = acme.company.program(acme.company.key(Scope.ADMIN))
    assert admin.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 200


@pytest.mark.usefixtures("committed_db")
def test_metrics_tell_of_upkeep_that_fails_and_that_nobody_does() -> None:
    acme, long_ago = make_world(make_company()), utc_now() - timedelta(minutes=5)
    before = read()
    with tenant_scope(acme.account.tenant_id):
        for kind, leased_until in ((Upkeep.Kind.DIRECTORY, None), (Upkeep.Kind.SUBSCRIPTIONS, utc_now() + LEASE)):
            Upkeep.objects.create(
                tenant=acme.company.tenant,
                account=acme.account,
                kind=kind,
                due_at=long_ago,
                attempts=2,
                leased_until=leased_until,
            )
    after = read()
    assert {
        name: after[name] - before.get(name, 0)
        for name in after
        if name.startswith("patchbay_upkeep") and not {"refresh_token", "calls"} & set(name.split('"'))
    } == {
        'patchbay_upkeep_failing{kind="directory"}': 1,
        'patchbay_upkeep_failing{kind="subscriptions"}': 1,
        'patchbay_upkeep_overdue{kind="directory"}': 1,
        'patchbay_upkeep_overdue{kind="subscriptions"}': 0,
    }


def test_metrics_are_there_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = {"host": "127.0.0.1", "port": 1}
    monkeypatch.setattr(connection, "get_connection_params", lambda: nowhere)
    series = read()
    assert series["process_start_time_seconds"] > 0
    assert not [name for name in series if name.startswith("patchbay_upkeep")]


@pytest.mark.usefixtures("committed_db")
def test_metrics_count_what_the_web_process_does(web_server: Server) -> None:
    connected, before = connect_account(), series_of(ask(web_server, "GET", "/metrics"))
    address = web_server.url.replace("http", "ws", 1) + "/ws/v1/events"
    with websockets.sync.client.connect(address) as socket:
        socket.send(json.dumps({"type": "authenticate", "token": connected.company.api_key}))
        assert json.loads(socket.recv(10))["type"] == "ready"
        for _ in range(2):
            ask(web_server, "POST", connected.hook, kwebbl_event("ringing"))
        after = series_of(ask(web_server, "GET", "/metrics"))
    names = {
        'patchbay_deliveries_total{status="applied"}': 1,
        'patchbay_deliveries_total{status="duplicate"}': 1,
        "patchbay_ingested_events_total": 2,
    }
    assert after["patchbay_live_sockets"] >= 1
    assert {name: after[name] - before.get(name, 0) for name in names} == names


@pytest.mark.usefixtures("committed_db")
def test_metrics_tell_how_streams_are() -> None:
    connected, before = connect_account(), read()
    long_ago = utc_now() - timedelta(hours=1)
    with tenant_scope(connected.tenant_id):
        stream = Stream.objects.create(
            account=connected.account, tenant=connected.company.tenant, due_at=long_ago, attempts=2
        )
    after = read()
    with tenant_scope(connected.tenant_id):
        stream.delete()
    grown = {name: after[name] - before[name] for name in after if name.startswith("patchbay_streams{")}
    assert grown == {
        'patchbay_streams{state="connected"}': 0,
        'patchbay_streams{state="failing"}': 1,
        'patchbay_streams{state="unheld"}': 1,
    }
