"""The API's description of itself: everything that is there, and nothing else."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern

from cti.api import urls

METHODS = ("get", "post", "put", "patch", "delete")
NOT_DESCRIBED = {"openapi"}
"""Routes under /api/v1 that aren't operations: the description itself."""


def described_routes() -> list[URLPattern]:
    return [
        route for route in urls.urlpatterns if str(route.pattern).startswith("v1/") and route.name not in NOT_DESCRIBED
    ]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    answer = Client().get("/api/v1/openapi.json")  # without a credential, and without a database
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    return described


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_valid_and_made_without_a_warning() -> None:
    printed = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=printed)
    assert printed.getvalue().startswith("openapi: 3.1")


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])


def test_every_route_is_described_with_its_methods(document: dict[str, Any]) -> None:
    routes = {
        "/api/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(route.pattern)): {
            method
            for method in METHODS
            if hasattr(route.callback.view_class, method)  # type: ignore[attr-defined]
        }
        for route in described_routes()
    }
    assert {path: set(methods) for path, methods in document["paths"].items()} == routes


def test_every_operation_tells_its_answers_its_security_and_its_name(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        answers = operation["responses"]
        assert [status for status in answers if status.startswith("2")], name
        problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        assert (answers["4XX"]["content"], answers["5XX"]["content"]) == (problem, problem), name
        assert operation["security"] == [{"apiKey": []}, {"session": []}], name
        assert operation["description"], name
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_every_post_takes_an_idempotency_key_and_every_action_if_match(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        headers = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
        assert ("Idempotency-Key" in headers) == name.startswith("post "), name
        assert ("If-Match" in headers) == name.startswith("post /api/v1/calls/{call_id}/"), name


def test_every_id_in_an_address_has_its_prefix(document: dict[str, Any]) -> None:
    ids = {
        each["name"]: each["schema"]["pattern"]
        for _, operation in operations(document)
        for each in operation.get("parameters", [])
        if each["in"] == "path"
    }
    assert ids == {
        "account_id": "^acc_[0-9a-f]{32}$",
        "call_id": "^call_[0-9a-f]{32}$",
        "extension_id": "^ext_[0-9a-f]{32}$",
        "queue_id": "^que_[0-9a-f]{32}$",
        "recording_id": "^rec_[a-z2-7]+$",
    }
