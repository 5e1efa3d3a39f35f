"""Which calls a principal may see and control: agents those of their own lines, everybody else all of the tenant's."""

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound

from common.ids import InvalidId, parse_id
from cti.calls.models import Call
from integrations.models import Extension
from tenants.models import Role
from tenants.principals import Principal


def own_extensions(principal: Principal) -> frozenset[UUID] | None:
    """The extensions whose calls alone an agent may see; None for everybody else. Inside the tenant's scope."""
    if principal.membership is None or principal.role != Role.AGENT:
        return None
    return frozenset(Extension.objects.filter(member=principal.membership).values_list("id", flat=True))


def visible_calls(principal: Principal) -> QuerySet[Call]:
    """The calls that the principal may see; those that no vendor has accepted yet are shown to nobody."""
    calls = Call.objects.filter(version__gt=0)
    own = own_extensions(principal)
    return calls if own is None else calls.filter(extension_ids__overlap=list(own))


def find_call(principal: Principal, call_id: str) -> Call:
    """The call with that public id. Raises NotFound for what doesn't exist and for what others have alike."""
    try:
        return visible_calls(principal).get(pk=parse_id("call", call_id))
    except (InvalidId, Call.DoesNotExist) as error:
        raise NotFound(f"There is no call {call_id}.") from error
