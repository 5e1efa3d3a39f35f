"""Which calls a list is asked for."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from cti.calls.models import Call
from cti.calls.numbers import normalize


def filter_calls(calls: QuerySet[Call], query: Mapping[str, Any], region: str) -> QuerySet[Call]:
    """By what the query names of `state`, `extension`, `account`, `number` (however it is written) and `since`."""
    if "state" in query:
        calls = calls.filter(ended_at__isnull=query["state"] == "active")
    if "extension" in query:
        calls = calls.filter(extension_ids__contains=[query["extension"]])
    if "account" in query:
        calls = calls.filter(account_id=query["account"])
    if "number" in query:
        number = normalize(query["number"], region)
        calls = calls.filter(Q(from_number=number) | Q(to_number=number))
    if "since" in query:
        calls = calls.filter(started_at__gte=query["since"])
    return calls
