"""`manage.py create_tenant`, as a shell sees it."""

import json
import secrets
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tenants.models import ApiKey, AuditEntry, Membership, Role, Scope, User
from tenants.principals import authenticate_token
from tenants.rls import tenant_scope
from tests.tenancy import PASSWORD, Company


def create(**changes: str) -> tuple[str, str]:
    """Runs the command for a new company; answers what it printed to stdout and to stderr."""
    slug = f"initech-{secrets.token_hex(4)}"
    options = {"name": "Initech", "slug": slug, "admin_email": f"{slug}@example.com", "admin_password": PASSWORD}
    out, err = StringIO(), StringIO()
    call_command("create_tenant", **options | changes, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def create_as_json(**changes: str) -> dict[str, str]:
    out, _ = create(json=True, **changes)  # type: ignore[arg-type]
    assert out.count("\n") == 1
    answer: dict[str, str] = json.loads(out)
    return answer


def test_json_has_the_contracts_fields(db: None) -> None:
    answer = create_as_json(slug="initech", admin_email="Bill@Example.com")
    assert answer.keys() == {"tenant_id", "slug", "admin_email", "api_key"}
    assert (answer["slug"], answer["admin_email"]) == ("initech", "bill@example.com")


def test_key_has_every_scope(db: None) -> None:
    answer = create_as_json(region="de")
    principal = authenticate_token(answer["api_key"], "192.0.2.1")
    assert principal.scopes == frozenset(Scope)
    assert (f"ten_{principal.tenant_id.hex}", principal.region) == (answer["tenant_id"], "DE")


def test_admin_owns_the_tenant_and_it_is_audited(db: None) -> None:
    answer = create_as_json()
    tenant_id = authenticate_token(answer["api_key"], "192.0.2.1").tenant_id
    with tenant_scope(tenant_id):
        member = Membership.objects.select_related("user").get()
        actions = set(AuditEntry.objects.values_list("actor", "action"))
        details = str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert (member.role, member.user.email) == (Role.OWNER, answer["admin_email"])
    assert member.user.check_password(PASSWORD)
    assert actions == {("system", "tenant.created"), ("system", "member.added"), ("system", "key.issued")}
    assert PASSWORD not in details
    assert answer["api_key"] not in details


def test_text_shows_the_key_once(db: None) -> None:
    out, err = create()
    assert "pb_" in out
    assert err == ""


def test_known_person_joins_and_keeps_the_password(acme: Company) -> None:
    out, err = create(admin_email=acme.owner.email, admin_password="another password 7")
    acme.owner.refresh_from_db()
    assert "pb_" in out
    assert "the present password stays" in err
    assert acme.owner.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"admin_password": "short"}, "password"),
        ({"admin_password": "password123"}, "password"),
        ({"region": "XX"}, "region"),
        ({"slug": "with space"}, "slug"),
        ({"slug": "x" * 51}, "slug"),
        ({"name": " "}, "name"),
        ({"admin_email": "nobody"}, "e-mail"),
    ],
)
def test_what_can_not_be_made_is_refused_whole(db: None, changes: dict[str, str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint) as refusal:
        create(**{"slug": "initech", "admin_email": "peter@example.com"} | changes)
    assert "\n" not in str(refusal.value)
    assert not User.objects.filter(email="peter@example.com").exists()


def test_taken_slug_is_refused_and_leaves_nothing(acme: Company) -> None:
    with pytest.raises(CommandError, match="is taken"):
        create(slug=acme.tenant.slug, admin_email="peter@example.com")
    assert not User.objects.filter(email="peter@example.com").exists()
    with tenant_scope(acme.tenant.id):
        assert (Membership.objects.count(), ApiKey.objects.count()) == (1, 1)
