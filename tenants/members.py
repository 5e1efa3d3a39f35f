"""People's places in a tenant: adding, changing roles, removing; called in the tenant's scope, audited here."""

from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from tenants import audit
from tenants.models import Membership, Role, User
from tenants.pages import is_at_least
from tenants.principals import Principal

# No letters and digits that are mistaken for each other when a password is read out.
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
_INITIAL_PASSWORD_LENGTH = 14


class Refused(Exception):
    """What was asked can't be done; the message says why, for whoever asked. Nothing was changed."""


def find_or_create_user(email: str, password: str, name: str = "") -> tuple[User, bool]:
    """The person with this address and whether the row is new; raises Refused for a bad address or a weak password.

    The password and the name are for a new person: somebody known keeps what is there, or adding a member would be a
    way to take over an account that other tenants trust.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(f"{email!r} is not an e-mail address") from error
    existing = User.objects.filter(email=email).first()
    if existing:
        return existing, False
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise Refused(f"the password won't do: {' '.join(error.messages)}") from error
    return User.objects.create_user(email, password, name=name), True


def add_member(
    by: Principal, email: str, *, name: str, role: Role, request: HttpRequest | None = None
) -> tuple[Membership, str | None]:
    """Makes a person a member; raises Refused. A new person's initial password comes back too, to be shown once."""
    _check_may_set(by, role)
    password = get_random_string(_INITIAL_PASSWORD_LENGTH, _LEGIBLE)
    user, is_new = find_or_create_user(email, password, name)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(tenant_id=by.tenant_id, user=user, role=role)
    except IntegrityError as error:
        raise Refused(f"{user.email} is a member already") from error
    audit.record(by, "member.added", membership.public_id, {"email": user.email, "role": role}, request)
    return membership, password if is_new else None


def change_role(by: Principal, membership_id: UUID, role: Role, request: HttpRequest | None = None) -> Membership:
    """Gives a member another role; raises Refused, and Membership.DoesNotExist."""
    membership = _lock(by, membership_id)
    _check_may_set(by, role)
    if role != Role.OWNER:
        _check_owner_remains(membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    detail = {"email": membership.user.email, "before": before, "after": role}
    audit.record(by, "member.role_changed", membership.public_id, detail, request)
    return membership


def remove_member(by: Principal, membership_id: UUID, request: HttpRequest | None = None) -> Membership:
    """Ends a membership, from the member's next request on; raises Refused, and Membership.DoesNotExist."""
    membership = _lock(by, membership_id)
    _check_owner_remains(membership)
    public_id = membership.public_id
    membership.delete()
    audit.record(by, "member.removed", public_id, {"email": membership.user.email}, request)
    return membership


def _lock(by: Principal, membership_id: UUID) -> Membership:
    """The membership, with every owner's row locked: two owners can't remove each other at once."""
    list(Membership.objects.select_for_update().filter(role=Role.OWNER).order_by("id"))
    membership = Membership.objects.select_related("user").get(id=membership_id)
    _check_may_set(by, Role(membership.role))
    return membership


def _check_may_set(by: Principal, role: Role) -> None:
    if role == Role.OWNER and not is_at_least(by, Role.OWNER):
        raise Refused("Only an owner can appoint, change or remove owners.")


def _check_owner_remains(membership: Membership) -> None:
    others = Membership.objects.filter(role=Role.OWNER).exclude(id=membership.id)
    if membership.role == Role.OWNER and not others.exists():
        raise Refused("This is the last owner. Appoint another one first.")
