"""/call-log, /recordings and /voicemails: what is over."""

import re
from http import HTTPStatus
from typing import Any

from asgiref.sync import async_to_sync
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
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
from cti.control.vendor import asking
from cti.control.visibility import visible_calls
from cti.history.recordings import InvalidRecordingId, parse_recording_id
from cti.history.records import call_record, vendor_records, voicemail_records
from cti.history.sounds import Sound
from cti.history.vendor_lists import read_page
from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.media import Media
from integrations.contract.things import Page
from tenants.models import Scope
from tenants.rls import tenant_scope

_ENDINGS = {
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/mp3": ".mp3",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/vnd.wave": ".wav",
    "audio/wav": ".wav",
    "audio/wave": ".wav",
    "audio/webm": ".webm",
    "audio/x-wav": ".wav",
    "video/mp4": ".mp4",
}
"""Of files' names, by their types."""
_ONE_RANGE = re.compile(r"bytes=(?:[0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})")
_NAME_LENGTH = 12
"""Of what the end of a recording's id adds to its file's name."""


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

    @extend_schema(
        operation_id="recordings_get",
        parameters=[OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="one range of bytes")],
        responses={(200, "audio/*"): OpenApiTypes.BINARY, (206, "audio/*"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, recording_id: str) -> StreamingHttpResponse:
        """A recording's sound, as the vendor sends it now. Its id stands in the call log.

        Parts of it where the vendor knows parts (`Accept-Ranges: bytes`), else the whole. A vendor that breaks off breaks this
        response off, too.
        """
        sound = self._open(request, recording_id)
        close_old_connections()  # else the request would hold its connection as long as the sound is sent
        status = HTTPStatus.PARTIAL_CONTENT if sound.media.content_range else HTTPStatus.OK
        return StreamingHttpResponse(sound, status=status, headers=_headers(sound.media, recording_id))

    @extend_schema(exclude=True)
    def head(self, request: Request, recording_id: str) -> HttpResponse:
        """What GET says beforehand; the vendor knows no way to ask for that alone."""
        sound = self._open(request, recording_id)
        async_to_sync(sound.close)()
        return HttpResponse(headers=_headers(sound.media, recording_id))

    def _open(self, request: Request, recording_id: str) -> Sound:
        try:
            account_id, vendor_id = parse_recording_id(self.principal.tenant_id, recording_id)
        except InvalidRecordingId as error:
            raise NotFound(f"There is no recording {recording_id}.") from error
        with tenant_scope(self.principal.tenant_id):
            account = readable_accounts().filter(pk=account_id).first()
            if account is None:
                raise NotFound(f"There is no recording {recording_id}.")
            require(account, Capability.RECORDING_FETCH)
        with asking(account, "open_recording"):
            return async_to_sync(Sound.open)(account, vendor_id, _byte_range(request))

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Players accept audio, which no renderer makes; problems are JSON."""
        return super().perform_content_negotiation(request, force=True)


def _byte_range(request: Request) -> str | None:
    """The one part that is asked for. Several, other units, and parts of what may have changed get the whole."""
    asked = request.headers.get("Range", "")
    is_one = _ONE_RANGE.fullmatch(asked) is not None
    return asked if is_one and request.method == "GET" and "If-Range" not in request.headers else None


def _headers(media: Media, recording_id: str) -> dict[str, str]:
    """Whatever else a vendor may call it, it is never shown as a page of ours."""
    told = media.content_type.lower()
    is_sound = told.startswith(("audio/", "video/"))
    name = f"recording-{recording_id[-_NAME_LENGTH:]}{_ENDINGS.get(told, '')}"
    headers = {
        "Content-Type": told if is_sound else "application/octet-stream",
        "Content-Disposition": f'{"inline" if is_sound else "attachment"}; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Accept-Ranges": "bytes" if media.takes_ranges else "none",
    }
    if media.length is not None:
        headers["Content-Length"] = str(media.length)
    if media.content_range is not None:
        headers["Content-Range"] = media.content_range
    return headers
