"""/calls: reading them, placing them, and what can be done to them."""

from django.urls import reverse
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cti.api.idempotent import idempotent
from cti.api.pagination import PageQuery, paginate
from cti.api.representations import call_json, calls_json
from cti.api.schema import page_schema
from cti.api.serializers import CallSerializer
from cti.api.views import ApiView, page_of, read_query
from cti.calls.models import Call
from cti.calls.queries import filter_calls
from cti.control.commands import act, originate
from cti.control.fields import PublicIdField, TimeField
from cti.control.params import ACTION_PARAMS, LegParams, OriginateParams
from cti.control.versions import etag
from cti.control.visibility import find_call, visible_calls
from tenants.models import Scope
from tenants.rls import tenant_scope

ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200, 202], description="the call's version, quoted"
)


class CallQuery(PageQuery):
    state = serializers.ChoiceField(choices=["active", "ended"], required=False)
    extension = PublicIdField("ext", required=False, help_text="takes, or took, part")
    account = PublicIdField("acc", required=False)
    number = serializers.CharField(required=False, help_text="the caller's or the callee's, however it is written")
    since = TimeField(required=False, help_text="started then or later")


class Calls(ApiView):
    required_scopes = {"GET": Scope.CALLS_READ, "POST": Scope.CALLS_CONTROL}

    @extend_schema(operation_id="calls_list", parameters=[CallQuery], responses=page_schema(CallSerializer))
    def get(self, request: Request) -> Response:
        """Calls, the newest first. Agents see those of their own lines."""
        query = read_query(request, CallQuery)
        with tenant_scope(self.principal.tenant_id):
            # What another call took over is told there; the log has it, the list would show it twice.
            listed = visible_calls(self.principal).filter(merged_into=None)
            calls = filter_calls(listed, query, self.principal.region)
            page, cursor = paginate(calls, query, "-started_at", "-id")
        return page_of(calls_json(self.principal.tenant_id, page), cursor)

    @extend_schema(
        operation_id="calls_originate", request=OriginateParams, parameters=[ETAG], responses={202: CallSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Places a call. 202: the vendor accepted it; its events tell what becomes of it."""
        return _accepted(originate(self.principal, request.data, request))


class CallDetail(ApiView):
    required_scopes = {"GET": Scope.CALLS_READ}

    @extend_schema(
        operation_id="calls_get",
        parameters=[OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER), ETAG],
        responses={200: CallSerializer, 304: OpenApiResponse(description="It is still that version.")},
    )
    def get(self, request: Request, call_id: str) -> Response:
        """One call."""
        with tenant_scope(self.principal.tenant_id):
            call = find_call(self.principal, call_id)
        headers = {"ETag": etag(call)}
        if _is_known(etag(call), request.headers.get("If-None-Match", "")):
            return Response(status=304, headers=headers)
        return Response(call_json(call), headers=headers)


class CallAction(ApiView):
    """One action of the API: a subclass for each, so that each has an address and a documentation of its own."""

    required_scopes = {"POST": Scope.CALLS_CONTROL}
    action: str

    def act(self, request: Request, call_id: str) -> Response:
        if_match = request.headers.get("If-Match")
        return _accepted(act(self.principal, call_id, self.action, request.data, if_match, request))


def action_view(action: str) -> type[CallAction]:
    """The view of `POST /calls/{id}/<action>`."""

    @extend_schema(
        operation_id=f"calls_{action.replace('-', '_')}",
        request=ACTION_PARAMS.get(action, LegParams),
        parameters=[OpenApiParameter("If-Match", str, OpenApiParameter.HEADER), ETAG],
        responses={202: CallSerializer},
        description=f"`{action}`: 202 when the vendor accepted it, 501 where it can't, 409 while the call doesn't allow it.",
    )
    @idempotent
    def post(self: CallAction, request: Request, call_id: str) -> Response:
        return self.act(request, call_id)

    name = "".join(word.capitalize() for word in action.split("-"))
    return type(f"Call{name}", (CallAction,), {"action": action, "post": post})


def _is_known(tag: str, if_none_match: str) -> bool:
    """If-None-Match compares weakly (RFC 9110 §13.1.2): proxies that compress make strong tags weak."""
    known = {each.removeprefix("W/") for each in parse_etags(if_none_match)}
    return not known.isdisjoint({tag, "*"})


def _accepted(call: Call) -> Response:
    headers = {"ETag": etag(call), "Location": reverse("api:call", args=[call.public_id])}
    return Response(call_json(call), status=202, headers=headers)
