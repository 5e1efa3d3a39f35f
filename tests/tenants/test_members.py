"""Two people who do the same thing at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tenants.members import Refused, remove_member
from tenants.models import Membership, Role
from tenants.principals import Principal, principal_of_session
from tenants.rls import tenant_scope
from tests.tenancy import make_company


@pytest.mark.usefixtures("committed_db")
def test_owners_who_remove_each_other_leave_one() -> None:
    company = make_company()
    with tenant_scope(company.tenant.id):
        first = Membership.objects.get()
    second = company.member(Role.OWNER)
    start = Barrier(2)

    def remove(by: Principal, whom: Membership) -> str:
        start.wait(timeout=10)
        try:
            with tenant_scope(by.tenant_id):
                remove_member(by, whom.id)
        except Refused as refusal:
            return str(refusal)
        finally:
            connection.close()
        return "removed"

    principals = [principal_of_session(user, company.tenant.id) for user in (company.owner, second.user)]
    with ThreadPoolExecutor() as pool:
        outcomes = set(pool.map(remove, principals, [second, first]))
    assert outcomes == {"removed", "This is the last owner. Appoint another one first."}
    with tenant_scope(company.tenant.id):
        assert Membership.objects.count() == 1
