"""Invariant 4 at the door: every route of the URL table is tried with another tenant's ids, by key, by session, by nobody."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.isolation.cases import CASES
from tests.isolation.routes import Request, Route, every_route, requests_of
from tests.isolation.victim import Victim
from tests.tenancy import HOST, Company

ROUTES = every_route()
each_route = pytest.mark.parametrize("route", [route for route in ROUTES if route.name in CASES], ids=str)
UNDERSTOOD = {200, 201, 202, 204, 302, 409, 424, 501, 502, 503, 504}
"""What the owner of the ids may get: anything but a refusal of the address, the body or the credential."""


@pytest.fixture(params=["key", "session"])
def credential(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def client_of(company: Company, credential: str) -> Client:
    return company.program() if credential == "key" else company.browser()


def answers(route: Route, victim: Victim, client: Client) -> Iterator[tuple[Request, Any]]:
    """What the route answers to every request of its case; each is undone before the next."""
    for request in requests_of(route, CASES[route.name], victim.ids):
        with transaction.atomic():
            response = request.send(client)
            transaction.set_rollback(True)
        if response.status_code != 405:
            yield request, response


def test_every_route_has_a_case() -> None:
    missing = [f"{route.name} (/{route.pattern})" for route in ROUTES if route.name not in CASES]
    assert missing == [], "add each of them to CASES in tests/isolation/cases.py"


@each_route
def test_foreign_things_are_not_found(route: Route, credential: str, outsider: Company, victim: Victim) -> None:
    for request, response in answers(route, victim, client_of(outsider, credential)):
        text = f"{response.headers}\n{response.content.decode()}"
        assert victim.secrets_in(text, besides=str(request)) == [], f"{request} tells about another tenant"
        if route.is_api or credential == "session":
            assert response.status_code == 404 or not request.names_foreign_things, f"{request} is not refused"
        elif not CASES[route.name].public:
            assert response.headers["Location"].startswith("/login?"), f"{request}: keys are for the API alone"


@each_route
def test_their_owner_finds_them(route: Route, victim: Victim) -> None:
    """Else the refusals above would prove nothing: an address or a body that is wrong is refused to everybody."""
    asked = [
        (request, response.status_code)
        for request, response in answers(route, victim, victim.company.browser())
        if request.names_foreign_things
    ]
    assert asked or not route.parameters
    assert [(request, status) for request, status in asked if status not in UNDERSTOOD] == []


@each_route
def test_nobody_gets_in_without_a_credential(route: Route, victim: Victim) -> None:
    if CASES[route.name].public:
        return
    for request, response in answers(route, victim, Client(headers={"host": HOST})):
        if route.is_api:
            assert response.status_code == 401, request
        else:
            assert response.headers["Location"].startswith("/login"), request
