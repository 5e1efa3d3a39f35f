"""GET /events and GET /events/stream: the log itself, read and listened to."""

from typing import Any

from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from cti.api.pagination import PageQuery, paginate
from cti.api.schema import page_schema
from cti.api.serializers import EventSerializer
from cti.api.views import ApiView, read_query
from cti.control.fields import PublicIdField
from cti.control.visibility import own_extensions
from cti.events.models import Event
from cti.live.credentials import credential_of
from cti.live.protocol import BadMessage, Subscribe, filter_of
from cti.live.stream import EventStream
from tenants.models import Scope
from tenants.rls import tenant_scope

_DIGITS = 18
"""Of a sequence; it fits a bigint."""


class EventQuery(PageQuery):
    after = serializers.IntegerField(
        min_value=0, max_value=2**63 - 1, default=0, help_text="the last sequence that is already known"
    )
    types = serializers.CharField(required=False, help_text="only these, separated by commas")
    account = PublicIdField("acc", required=False)

    def validate_types(self, types: str) -> list[str]:
        return split_names(types)


def split_names(text: str) -> list[str]:
    """`a, b` as a list."""
    return [name.strip() for name in text.split(",") if name.strip()]


class Events(ApiView):
    required_scopes = {"GET": Scope.EVENTS_READ}

    @extend_schema(operation_id="events_list", parameters=[EventQuery], responses=page_schema(EventSerializer))
    def get(self, request: Request) -> HttpResponse:
        """What follows `after`, oldest first. Agents see the events of their own calls."""
        query = read_query(request, EventQuery)
        events = Event.objects.filter(tenant_id=self.principal.tenant_id, sequence__gt=query["after"])
        if "types" in query:
            events = events.filter(type__in=query["types"])
        if "account" in query:
            events = events.filter(account_id=query["account"])
        with tenant_scope(self.principal.tenant_id):
            own = own_extensions(self.principal)
            if own is not None:
                events = events.filter(extension_ids__overlap=list(own))
            page, cursor = paginate(events.only("tenant_id", "sequence", "body"), query, "sequence")
        bodies = ",".join(event.body for event in page)  # spliced: they are JSON already, to the byte
        following = f'"{cursor}"' if cursor else "null"
        return HttpResponse(f'{{"results":[{bodies}],"next":{following}}}', content_type="application/json")


class StreamQuery(serializers.Serializer[Any]):
    after = serializers.IntegerField(
        min_value=0,
        max_value=2**63 - 1,
        required=False,
        help_text="the last sequence that is already known; live from now on where it is left out",
    )
    types = serializers.CharField(required=False, help_text="only these, separated by commas")
    account = serializers.CharField(required=False, help_text="only of these, separated by commas")
    extension = serializers.CharField(required=False, help_text="only calls of these, separated by commas")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Takes the filters together as what a socket's `subscribe` is."""
        lists = {name: split_names(attrs[name]) for name in ("types", "account", "extension") if name in attrs}
        wanted = Subscribe(types=lists.get("types"), accounts=lists.get("account"), extensions=lists.get("extension"))
        try:
            filter_of(wanted, None)
        except BadMessage as error:
            raise serializers.ValidationError(str(error)) from error
        return {"after": attrs.get("after"), "wanted": wanted}


class EventsStream(ApiView):
    required_scopes = {"GET": Scope.EVENTS_READ}
    http_method_names = ["get", "options"]  # HEAD would never end

    @extend_schema(
        operation_id="events_stream",
        parameters=[StreamQuery, OpenApiParameter("Last-Event-ID", int, OpenApiParameter.HEADER)],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Server-sent events: what follows `after`, or `Last-Event-ID`, then live. `id` is the sequence, `data` the event.

        Pings every 20 s move the id on, so that a filtered client resumes where the log stands.
        """
        query = read_query(request, StreamQuery)
        credential = credential_of(request._request)
        stream = EventStream(credential, filter_of(query["wanted"], credential.own_extensions), _after(request, query))
        close_old_connections()  # else the request would hold its connection as long as the stream is open
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # proxies must not collect it
        return StreamingHttpResponse(stream, content_type="text/event-stream", headers=headers)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Clients accept text/event-stream, which no renderer makes; problems are JSON."""
        return super().perform_content_negotiation(request, force=True)


def _after(request: Request, query: dict[str, Any]) -> int | None:
    """Last-Event-ID is what a client that lost its connection got last; the address still says where it once began."""
    last = request.headers.get("Last-Event-ID", "").strip()
    after: int | None = int(last) if last.isascii() and last.isdigit() and len(last) <= _DIGITS else query["after"]
    return after
