"""/queues: the vendors' queues, who answers them, who waits in them."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cti.api.idempotent import idempotent
from cti.api.pagination import PageQuery, paginate
from cti.api.queue_serializers import (
    QueueAgentSerializer,
    QueueCallSerializer,
    QueueCommandSerializer,
    QueueSerializer,
)
from cti.api.representations import call_json
from cti.api.schema import page_schema
from cti.api.serializers import CallSerializer
from cti.api.views import ApiView, page_of, read_query
from cti.control.fields import PublicIdField
from cti.control.versions import etag
from cti.control.visibility import visible_calls
from cti.queues.agents import read_agents
from cti.queues.commands import AgentParams, StealParams, act_in_queue, steal
from cti.queues.reading import find_queue, queues_with, read_calls, with_fresh_stats
from cti.queues.records import queue_agents_json, queue_calls_json, queues_json
from tenants.models import Scope
from tenants.rls import tenant_scope


class QueueQuery(PageQuery):
    account = PublicIdField("acc", required=False)
    number = serializers.CharField(required=False)
    extension = PublicIdField("ext", required=False, help_text="whose user answers the queue's calls")


class Queues(ApiView):
    required_scopes = {"GET": Scope.QUEUES_READ}

    @extend_schema(operation_id="queues_list", parameters=[QueueQuery], responses=page_schema(QueueSerializer))
    def get(self, request: Request) -> Response:
        """The queues that the vendors' directories list, with the statistics last heard of."""
        query = read_query(request, QueueQuery)
        with tenant_scope(self.principal.tenant_id):
            page, cursor = paginate(queues_with(query), query, "id")
            shown = queues_json(page)
        return page_of(shown, cursor)


class QueueDetail(ApiView):
    required_scopes = {"GET": Scope.QUEUES_READ}

    @extend_schema(operation_id="queues_get", responses=QueueSerializer)
    def get(self, request: Request, queue_id: str) -> Response:
        """One queue, its statistics asked of the vendor now; the last known, as old as `stats_age_s`, while it is away."""
        queue, account = find_queue(self.principal, queue_id)
        fresh = with_fresh_stats(account, queue)
        with tenant_scope(self.principal.tenant_id):
            return Response(queues_json([fresh])[0])


class QueueAgents(ApiView):
    required_scopes = {"GET": Scope.QUEUES_READ}

    @extend_schema(operation_id="queues_agents", responses=page_schema(QueueAgentSerializer))
    def get(self, request: Request, queue_id: str) -> Response:
        """Who answers the queue's calls: asked of the vendor, unless that was a moment ago or notices keep it up to date."""
        queue, account = find_queue(self.principal, queue_id)
        agents = read_agents(account, queue)
        with tenant_scope(self.principal.tenant_id):
            return page_of(queue_agents_json(queue, agents), None)


class QueueCalls(ApiView):
    required_scopes = {"GET": Scope.QUEUES_READ}

    @extend_schema(operation_id="queues_calls", responses=page_schema(QueueCallSerializer))
    def get(self, request: Request, queue_id: str) -> Response:
        """Who waits, asked of the vendor now. `call_id` is null for calls that the reader may not see."""
        queue, account = find_queue(self.principal, queue_id)
        waiting = read_calls(account, queue)
        with tenant_scope(self.principal.tenant_id):
            shown = queue_calls_json(queue, waiting, visible_calls(self.principal), self.principal.region)
        return page_of(shown, None)


class QueueAgentAction(ApiView):
    """One action of an agent: a subclass for each, so that each has an address and a documentation of its own."""

    # Agents have queues:read and may act for their own lines; for others it takes queues:control (cti.queues.commands).
    required_scopes = {"POST": Scope.QUEUES_READ}
    action: str

    def act(self, request: Request, queue_id: str, extension_id: str) -> Response:
        queue, line = act_in_queue(self.principal, queue_id, extension_id, self.action, request.data, request)
        answer = {"queue_id": queue.public_id, "extension_id": line.public_id, "action": self.action}
        return Response(answer, status=202)


def agent_action_view(action: str) -> type[QueueAgentAction]:
    """The view of `POST /queues/{id}/agents/{extension_id}/<action>`."""

    @extend_schema(
        operation_id=f"queues_agent_{action.replace('-', '_')}",
        request=AgentParams,
        responses={202: QueueCommandSerializer},
        description=f"`{action}`: 202 when the vendor accepted it. Agents do so for their own lines; for others it takes"
        " the scope `queues:control`.",
    )
    @idempotent
    def post(self: QueueAgentAction, request: Request, queue_id: str, extension_id: str) -> Response:
        return self.act(request, queue_id, extension_id)

    name = "".join(word.capitalize() for word in action.split("-"))
    return type(f"QueueAgent{name}", (QueueAgentAction,), {"action": action, "post": post})


class QueueSteal(ApiView):
    required_scopes = {"POST": Scope.QUEUES_CONTROL}

    @extend_schema(operation_id="queues_steal", request=StealParams, responses={202: CallSerializer})
    @idempotent
    def post(self, request: Request, queue_id: str, call_id: str) -> Response:
        """Takes a caller out of the queue. 202: the vendor accepted it; its events tell what becomes of the call."""
        call = steal(self.principal, queue_id, call_id, request.data, request)
        headers = {"ETag": etag(call), "Location": reverse("api:call", args=[call.public_id])}
        return Response(call_json(call), status=202, headers=headers)
