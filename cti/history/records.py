"""Calls of the past and voicemails as the API shows them, whether we kept them or their vendor did. Inside the tenant's scope."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from common.ids import public_id
from common.times import rfc3339
from cti.calls.facts import decode_facts
from cti.calls.models import Call, CallKey
from cti.calls.numbers import normalize
from cti.control.visibility import own_extensions, visible_calls
from cti.history.recordings import recording_id
from integrations.contract.things import CallLogItem, Voicemail
from integrations.models import Extension, PbxAccount
from tenants.principals import Principal


def call_record(call: Call) -> dict[str, Any]:
    """A call of ours that has ended."""
    shown = call.snapshot
    told = [event.recording_id for event in decode_facts(call.facts).events if event.recording_id]
    return {
        "source": "patchbay",
        "call_id": call.public_id,
        "account_id": shown["account_id"],
        "direction": shown["direction"],
        "from": _party(shown["from"]["number"], shown["from"]["name"]),
        "to": _party(shown["to"]["number"], shown["to"]["name"]),
        "extension_id": shown["to"]["extension_id"] or shown["from"]["extension_id"],
        "started_at": shown["started_at"],
        "ended_at": shown["ended_at"],
        "duration_s": _talked(shown),
        "missed": shown["missed"],
        "result": shown["end_reason"] or "",
        "recording_id": recording_id(call.tenant_id, call.account_id, told[-1]) if told else None,
        "vendor_item_id": None,
    }


def vendor_records(principal: Principal, account: PbxAccount, items: Sequence[CallLogItem]) -> list[dict[str, Any]]:
    """What the vendor's own log has. Agents see what was on their lines."""
    lines, own = _lines(account, (item.vendor_extension_id for item in items)), own_extensions(principal)
    calls = _calls(principal, account, (item.vendor_call_id for item in items))
    return [
        {
            "source": "vendor",
            "call_id": calls.get(item.vendor_call_id or ""),
            "account_id": account.public_id,
            "direction": item.direction,
            "from": _party(item.from_number, item.from_name, principal.region),
            "to": _party(item.to_number, item.to_name, principal.region),
            "extension_id": _extension_id(lines, item.vendor_extension_id),
            "started_at": rfc3339(item.started_at),
            "ended_at": None,
            "duration_s": item.duration_s,
            "missed": item.missed,
            "result": item.result,
            "recording_id": recording_id(account.tenant_id, account.pk, item.vendor_recording_id)
            if item.vendor_recording_id
            else None,
            "vendor_item_id": item.vendor_item_id,
        }
        for item in items
        if own is None or lines.get(item.vendor_extension_id or "") in own
    ]


def voicemail_records(principal: Principal, account: PbxAccount, items: Sequence[Voicemail]) -> list[dict[str, Any]]:
    """Messages that callers left. Agents see those of their lines."""
    lines, own = _lines(account, (item.vendor_extension_id for item in items)), own_extensions(principal)
    return [
        {
            "vendor_voicemail_id": item.vendor_voicemail_id,
            "account_id": account.public_id,
            "extension_id": _extension_id(lines, item.vendor_extension_id),
            "from": _party(item.from_number, item.from_name, principal.region),
            "received_at": rfc3339(item.received_at),
            "duration_s": item.duration_s,
            "heard": item.heard,
        }
        for item in items
        if own is None or lines.get(item.vendor_extension_id or "") in own
    ]


def _party(number: str | None, name: str | None, region: str | None = None) -> dict[str, str | None]:
    return {"number": normalize(number, region) if number and region else number, "name": name}


def _talked(shown: Mapping[str, Any]) -> float:
    """Seconds of conversation."""
    if shown["answered_at"] is None:
        return 0.0
    answered, ended = (datetime.fromisoformat(shown[name]) for name in ("answered_at", "ended_at"))
    return (ended - answered).total_seconds()


def _lines(account: PbxAccount, vendor_ids: Iterable[str | None]) -> dict[str, UUID]:
    listed = Extension.objects.filter(account=account, vendor_extension_id__in={each for each in vendor_ids if each})
    return dict(listed.values_list("vendor_extension_id", "pk"))


def _extension_id(lines: Mapping[str, UUID], vendor_id: str | None) -> str | None:
    return public_id("ext", lines[vendor_id]) if vendor_id and vendor_id in lines else None


def _calls(principal: Principal, account: PbxAccount, vendor_ids: Iterable[str | None]) -> dict[str, str]:
    """The public ids of the calls that these are of the vendor's, as far as the principal may see them."""
    keys = CallKey.objects.filter(account_id=account.pk, vendor_call_id__in={each for each in vendor_ids if each})
    found = keys.filter(call__in=visible_calls(principal)).values_list("vendor_call_id", "call_id")
    return {vendor_call_id: public_id("call", call_id) for vendor_call_id, call_id in found}
