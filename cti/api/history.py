"""/call-log, /recordings and /voicemails: what is over."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cti.api.history_serializers import CallRecordSerializer, VoicemailSerializer
from cti.api.pagination import PageQuery, paginate
from cti.api.schema import page_schema
from cti.api.views import ApiView, page_of, read_query
from cti.calls.queries import filter_calls
from cti.control.capabilities import readable_accounts, require
from cti.control.fields import PublicIdField, TimeField
from cti.control.vendor import ask
from cti.control.visibility import visible_calls
from cti.history.recordings import InvalidRecordingId, parse_recording_id
from cti.history.records import call_record, vendor_records, voicemail_records
from cti.history.vendor_lists import read_page
from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import Media
from integrations.contract.things import Page
from tenants.models import Scope
from tenants.rls import tenant_scope

_SOUND = ("audio/", "video/")


class CallLogQuery(PageQuery):
    source = serializers.ChoiceField(  # type: ignore[assignment]  # DRF takes it off the class
        choices=["patchbay", "vendor"], default="patchbay", help_text="our own calls, or the vendor's own log"
    )
    account = PublicIdField("acc", required=False)
    since = TimeField(required=False, help_text="started then or later")
    until = TimeField(required=False, help_text="started before")
    extension = PublicIdField("ext", required=False, help_text="took part; of our own calls")
    number = serializers.CharField(
        required=False, help_text="the caller's or the callee's, however it is written; of our own calls"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        own_only = {"extension", "number"} & attrs.keys() if attrs["source"] == "vendor" else ()
        if own_only:
            raise serializers.ValidationError({name: ["Vendors' logs can't be filtered by this."] for name in own_only})
        return attrs


class CallLog(ApiView):
    required_scopes = {"GET": Scope.CALLS_READ}

    @extend_schema(operation_id="call_log", parameters=[CallLogQuery], responses=page_schema(CallRecordSerializer))
    def get(self, request: Request) -> Response:
        """Calls that have ended, the newest first. Agents see those of their own lines.

        With `source=vendor` the vendors' own logs, which may go further back, account after account. What agents may not
        see is left out there, so pages may be short.
        """
        query = read_query(request, CallLogQuery)
        return self._of_vendors(query) if query["source"] == "vendor" else self._of_ours(query)

    def _of_ours(self, query: dict[str, Any]) -> Response:
        with tenant_scope(self.principal.tenant_id):
            ended = visible_calls(self.principal).filter(merged_into=None, ended_at__isnull=False)
            if "until" in query:
                ended = ended.filter(started_at__lt=query["until"])
            page, cursor = paginate(filter_calls(ended, query, self.principal.region), query, "-started_at", "-id")
        return page_of([call_record(call) for call in page], cursor)

    def _of_vendors(self, query: dict[str, Any]) -> Response:
        since, until, limit = query.get("since"), query.get("until"), query["limit"]

        async def read(adapter: PbxAdapter, start: str | None) -> Page:
            return await adapter.read_call_log(since, until, start, limit)

        account, items, cursor = read_page(
            self.principal, Capability.CALL_LOG, query.get("account"), query.get("cursor"), read
        )
        with tenant_scope(self.principal.tenant_id):
            return page_of(vendor_records(self.principal, account, items) if account else [], cursor)


class VoicemailQuery(PageQuery):
    account = PublicIdField("acc", required=False)


class Voicemails(ApiView):
    required_scopes = {"GET": Scope.CALLS_READ}

    @extend_schema(
        operation_id="voicemails_list", parameters=[VoicemailQuery], responses=page_schema(VoicemailSerializer)
    )
    def get(self, request: Request) -> Response:
        """Messages that callers left, asked of the vendors now, account after account, the newest first in each.

        Agents see those of their own lines, so their pages may be short.
        """
        query = read_query(request, VoicemailQuery)
        limit = query["limit"]

        async def read(adapter: PbxAdapter, start: str | None) -> Page:
            return await adapter.read_voicemails(start, limit)

        account, items, cursor = read_page(
            self.principal, Capability.VOICEMAILS, query.get("account"), query.get("cursor"), read
        )
        with tenant_scope(self.principal.tenant_id):
            return page_of(voicemail_records(self.principal, account, items) if account else [], cursor)


class Recording(ApiView):
    required_scopes = {"GET": Scope.CALLS_READ}

    @extend_schema(operation_id="recordings_get", responses={(200, "audio/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, recording_id: str) -> HttpResponse:
        """A recording's sound, fetched from the vendor now. Its id stands in the call log."""
        try:
            account_id, vendor_id = parse_recording_id(self.principal.tenant_id, recording_id)
        except InvalidRecordingId as error:
            raise NotFound(f"There is no recording {recording_id}.") from error
        with tenant_scope(self.principal.tenant_id):
            account = readable_accounts().filter(pk=account_id).first()
            if account is None:
                raise NotFound(f"There is no recording {recording_id}.")
            require(account, Capability.RECORDING_FETCH)
        return _sound(ask(account, "fetch_recording", lambda adapter: adapter.fetch_recording(vendor_id)))


def _sound(media: Media) -> HttpResponse:
    """Whatever else a vendor may call it, it is never shown as a page of ours."""
    kind = media.content_type if media.content_type.lower().startswith(_SOUND) else "application/octet-stream"
    return HttpResponse(
        media.body,
        content_type=kind,
        headers={"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"},
    )
