"""GET /metrics: for this machine and for admins' keys; for everybody else there is nothing."""

from django.test import Client

from tenants.models import Scope
from tests.api.world import World

ELSEWHERE = "203.0.113.7"


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
