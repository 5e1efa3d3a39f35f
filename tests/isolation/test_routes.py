"""Invariant 4 at the door: every route of the URL table is tried with another tenant's ids, by key, by session, by nobody."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.everything import EverythingPbx
from tests.isolation.cases import CASES
from tests.isolation.routes import Request, Route, every_route, requests_of
from tests.isolation.stock import Stock, stocked
from tests.tenancy import HOST, Company

pytestmark = pytest.mark.usefixtures("committed_db")
ROUTES = every_route()
each_route = pytest.mark.parametrize("route", [route for route in ROUTES if route.name in CASES], ids=str)
NOT_ALLOWED = 405
REFUSALS = {404, 501}
"""501 comes before anything is looked up: the PBX can't do that at all."""
UNDERSTOOD = {200, 201, 202, 204, 302, 409, 424, 501, 502, 503, 504}
"""What the owner of the ids may get: anything but a refusal of the address, the body or the credential."""


@pytest.fixture(params=["key", "session"])
def credential(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pair(route: Route, request: pytest.FixtureRequest) -> tuple[Stock, Stock]:
    """Who is curious, and whose things are tried."""
    names = ("outsider", "victim") if pbx_of(route) == "kwebbl" else ("able_outsider", "able_victim")
    outsider, victim = (request.getfixturevalue(name) for name in names)
    return outsider, victim


@pytest.fixture
def owner_here(route: Route, committed_db: None) -> Stock:
    """Somebody who does what he likes with what is his."""
    return stocked("Initech", pbx_of(route))


def pbx_of(route: Route) -> str:
    """Whose PBX a route is tried on."""
    return CASES[route.name].vendor or (EverythingPbx.key if route.is_api else "kwebbl")


def client_of(company: Company, credential: str) -> Client:
    return company.program() if credential == "key" else company.browser()


def answers(route: Route, client: Client, own: Stock, foreign: Stock) -> Iterator[tuple[Request, Any]]:
    """What the route answers to every request of its case."""
    for request in requests_of(route, CASES[route.name], own.ids, foreign.ids):
        response = request.send(client)
        if response.status_code != NOT_ALLOWED:
            yield request, response


def test_every_route_has_a_case() -> None:
    missing = [f"{route.name} (/{route.pattern})" for route in ROUTES if route.name not in CASES]
    assert missing == [], "add each of them to CASES in tests/isolation/cases.py"


@each_route
def test_foreign_things_are_not_found(route: Route, credential: str, pair: tuple[Stock, Stock]) -> None:
    outsider, victim = pair
    before = victim.contents()
    for request, response in answers(route, client_of(outsider.company, credential), outsider, victim):
        text = f"{response.headers}\n{response.content.decode()}"
        assert victim.secrets_in(text, besides=str(request)) == [], f"{request} tells about another tenant"
        if route.is_api or credential == "session":
            assert response.status_code in REFUSALS or not request.names_foreign_things, f"{request} is not refused"
        elif not CASES[route.name].public:
            assert response.headers["Location"].startswith("/login?"), f"{request}: keys are for the API alone"
    assert victim.contents() == before


@each_route
def test_their_owner_finds_them(route: Route, owner_here: Stock) -> None:
    """Else the refusals above would prove nothing: an address or a body that is wrong is refused to everybody."""
    found = [
        (request, response.status_code)
        for request, response in answers(route, owner_here.company.browser(), owner_here, owner_here)
        if request.names_foreign_things
    ]
    assert found or not route.parameters
    assert [(request, status) for request, status in found if status not in UNDERSTOOD] == []


@each_route
def test_nobody_gets_in_without_a_credential(route: Route, pair: tuple[Stock, Stock]) -> None:
    outsider, victim = pair
    for request, response in answers(route, Client(headers={"host": HOST}), outsider, victim):
        if CASES[route.name].public:
            continue
        if route.is_api:
            assert response.status_code == 401, request
        else:
            assert response.headers["Location"].startswith("/login?"), request
