"""What the account page shows of an account's deliveries, as JSON: the raw payload beside what it became."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from common.ids import InvalidId, parse_id, public_id
from common.times import rfc3339
from cti.events.models import Event
from cti.ingest.models import Delivery
from cti.ingest.replay import NotReplayable, replay_delivery
from integrations.models import PbxAccount
from tenants import audit
from tenants.models import Scope
from tenants.pages import MemberRequest, page
from tenants.rls import tenant_scope

LATEST = 50
SHOWN_CHARACTERS = 20_000
"""As much of a payload as a page shows; vendors send far less."""


@never_cache
@require_GET
@page(scope=Scope.ACCOUNTS_READ)
def deliveries(request: MemberRequest, account_id: str) -> JsonResponse:
    """The account's latest deliveries, newest first, each with the events that it became."""
    account_uuid = _id_or_404("acc", account_id)
    with tenant_scope(request.principal.tenant_id):
        if not PbxAccount.objects.filter(pk=account_uuid).exists():
            raise Http404
        latest = list(Delivery.objects.filter(account_id=account_uuid).order_by("-received_at", "-id")[:LATEST])
        events = _events_of(request.principal.tenant_id, latest)
    return JsonResponse({"deliveries": [_shown(each, events[each.id]) for each in latest]})


@require_POST
@page(scope=Scope.ACCOUNTS_MANAGE)
def replay(request: MemberRequest, account_id: str, delivery_id: str) -> JsonResponse:
    """Reads a delivery again that wasn't understood; 409 for one that was."""
    principal = request.principal
    ids = _id_or_404("acc", account_id), _id_or_404("dlv", delivery_id)
    try:
        with tenant_scope(principal.tenant_id):
            delivery = replay_delivery(principal.tenant_id, *ids)
            audit.record(principal, "delivery.replayed", delivery.public_id, {"status": delivery.status}, request)
            events = _events_of(principal.tenant_id, [delivery])
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except NotReplayable as error:
        return JsonResponse({"detail": str(error)}, status=409)
    return JsonResponse(_shown(delivery, events[delivery.id]))


def _events_of(tenant_id: UUID, some: Iterable[Delivery]) -> dict[UUID, list[Event]]:
    """The events that deliveries became, in their order."""
    found = Event.objects.filter(tenant_id=tenant_id, delivery_id__in=[each.id for each in some])
    events: defaultdict[UUID, list[Event]] = defaultdict(list)
    for event in found.only("sequence", "type", "delivery_id", "body").order_by("sequence"):
        if event.delivery_id is not None:
            events[event.delivery_id].append(event)
    return events


def _shown(delivery: Delivery, events: list[Event]) -> dict[str, Any]:
    return {
        "id": delivery.public_id,
        "received_at": rfc3339(delivery.received_at),
        "status": delivery.status,
        "status_words": delivery.get_status_display(),
        "note": delivery.note,
        "payload": payload_text(bytes(delivery.body)),
        "call_id": public_id("call", delivery.call_id) if delivery.call_id else None,
        "events": [{"sequence": each.sequence, "type": each.type, "body": payload_text(each.body)} for each in events],
    }


def payload_text(body: bytes | str) -> str:
    """A payload for reading: JSON laid out in lines with every value as it came, anything else as it is."""
    raw = body.encode() if isinstance(body, str) else body
    try:
        text = msgspec.json.format(raw, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = raw.decode("utf-8", errors="replace")
    if len(text) > SHOWN_CHARACTERS:
        return f"{text[:SHOWN_CHARACTERS]}\n… and {len(text) - SHOWN_CHARACTERS} more characters"
    return text


def _id_or_404(prefix: str, text: str) -> UUID:
    try:
        return parse_id(prefix, text)
    except InvalidId as error:
        raise Http404 from error
