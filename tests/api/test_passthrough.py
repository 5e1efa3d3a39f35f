"""The vendor's own API, through the account."""

from typing import Any

import pytest

from integrations.contract.commands import RawResponse
from tenants.models import AuditEntry, Role, Scope
from tenants.rls import tenant_scope
from tests.api.anything import Anything
from tests.api.world import World

ASKED = {
    "method": "PUT",
    "path": "users/7",
    "query": {"secret": "in the query"},
    "headers": {"X-Mine": "1", "Authorization": "Bearer mine"},
    "body": {"name": "in the body"},
}


def ask(pbx: World, body: Any, client: Any = None) -> Any:
    address = f"/api/v1/accounts/{pbx.account.public_id}/passthrough"
    return (client or pbx.client).post(address, body, content_type="application/json")


def test_the_vendors_own_answer_comes_back_whatever_it_is(anything: Anything) -> None:
    anything.memory.answer = RawResponse(418, {"content-type": "application/json", "set-cookie": "a"}, b'{"tea":1}')
    answer = ask(anything, ASKED)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": 418,
        "headers": {"content-type": "application/json"},
        "body": {"tea": 1},
        "encoding": "json",
        "errors": None,
    }
    [asked] = anything.memory.raw
    assert (asked.method, asked.path, asked.query) == ("PUT", "/users/7", {"secret": "in the query"})
    assert asked.headers == {"x-mine": "1", "content-type": "application/json"}
    assert asked.body == b'{"name": "in the body"}'


def test_it_is_audited_by_method_and_path_alone(anything: Anything) -> None:
    ask(anything, ASKED)
    with tenant_scope(anything.company.tenant.id):
        entry = AuditEntry.objects.get(action="account.passthrough")
    assert (entry.target, entry.detail) == (anything.account.public_id, {"method": "PUT", "path": "/users/7"})


@pytest.mark.parametrize(
    "changes",
    [{"method": "TRACE"}, {"path": "//evil.example.com"}, {"path": ""}, {"path": "a\n"}, {"query": ["a"]}],
)
def test_what_cannot_be_passed_is_refused(anything: Anything, changes: dict[str, Any]) -> None:
    answer = ask(anything, ASKED | changes)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert anything.memory.raw == []


def test_it_takes_the_scope_to_manage_the_account(anything: Anything, acme: World) -> None:
    for scope in set(Scope) - {Scope.ACCOUNTS_MANAGE, Scope.ADMIN}:
        client = anything.company.program(anything.company.key(scope))
        assert ask(anything, ASKED, client).status_code == 403
    supervisor = anything.company.browser(anything.company.member(Role.SUPERVISOR).user)
    assert ask(anything, ASKED, supervisor).status_code == 403
    assert ask(anything, ASKED, acme.client).status_code == 404
