"""Errors, whatever raised them, have one form; and every code is documented."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from cti.api.errors import ERROR_CODES
from tenants.models import Scope
from tests.api.world import World
from tests.servers import ROOT
from tests.tenancy import HOST

JSON = "application/json"


def code_of(response: Any) -> tuple[int, str]:
    """Status and code, once the rest of the problem is as it must be."""
    problem = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert problem.keys() == {"type", "title", "status", "detail", "code", "errors", "vendor", "request_id"}
    assert (problem["status"], problem["request_id"]) == (response.status_code, response["X-Request-ID"])
    assert problem["title"] == ERROR_CODES[problem["code"]].title
    assert problem["detail"]
    return response.status_code, problem["code"]


def test_every_code_is_documented_with_its_status() -> None:
    text = (ROOT / "docs" / "errors.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {code: each.status for code, each in ERROR_CODES.items()}


def test_the_type_of_a_problem_leads_to_its_documentation(db: None) -> None:
    client = Client(headers={"host": HOST})
    page, _, anchor = (
        client.get("/api/v1/nope").json()["type"].removeprefix(settings.PATCHBAY_PUBLIC_URL).partition("#")
    )
    shown = client.get(page)
    assert (shown.status_code, anchor) == (200, "not_found")
    assert set(ERROR_CODES) <= set(re.findall(r'id="(\w+)"', shown.text))


def test_a_missing_scope_is_named(acme: World) -> None:
    response = acme.company.program(acme.company.key(Scope.CALLS_READ)).post("/api/v1/calls", {}, JSON)
    assert code_of(response) == (403, "permission_denied")
    assert response.json()["detail"] == "This takes the scope calls:control."


def test_other_methods_are_told_which_there_are(acme: World) -> None:
    response = acme.client.delete("/api/v1/calls")
    assert code_of(response) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"
    options = acme.client.options("/api/v1/calls")
    assert (options.status_code, options["Allow"]) == (204, "GET, POST, HEAD, OPTIONS")


def test_an_answer_in_another_form_is_refused(acme: World) -> None:
    assert code_of(acme.client.get("/api/v1/calls", headers={"accept": "text/csv"})) == (406, "not_acceptable")


def test_a_body_that_is_too_large_is_refused_without_our_settings(acme: World) -> None:
    response = acme.client.post("/api/v1/calls", " " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), JSON)
    assert code_of(response) == (413, "too_large")
    assert response.json()["detail"] == ERROR_CODES["too_large"].meaning


def test_only_a_request_in_flight_is_worth_repeating(acme: World) -> None:
    acme.client.post("/api/v1/calls", {}, JSON, headers={"idempotency-key": "used"})
    other = acme.client.post("/api/v1/calls", {"to": "x"}, JSON, headers={"idempotency-key": "used"})
    assert code_of(other) == (409, "idempotency_conflict")
    assert not other.has_header("Retry-After")


def test_an_unknown_host_is_a_problem_under_the_api_and_a_page_elsewhere(db: None) -> None:
    stranger = Client(headers={"host": "evil.example.com"})
    assert code_of(stranger.get("/api/v1/calls")) == (400, "invalid")
    assert stranger.get("/login")["Content-Type"].startswith("text/html")


@pytest.mark.urls("tests.api.faulty_urls")
def test_a_fault_outside_of_views_is_a_problem_too_and_tells_nothing(db: None) -> None:
    client = Client(headers={"host": HOST}, raise_request_exception=False)
    response = client.get("/api/fault")
    assert code_of(response) == (500, "internal_error")
    assert "hush" not in response.text
    page = client.get("/fault")
    assert (page.status_code, page["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "hush" not in page.text
