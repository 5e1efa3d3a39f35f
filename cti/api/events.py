"""GET /events: the log itself."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from cti.api.pagination import PageQuery, paginate
from cti.api.schema import page_schema
from cti.api.serializers import EventSerializer
from cti.api.views import ApiView, read_query
from cti.control.fields import PublicIdField
from cti.control.visibility import own_extensions
from cti.events.models import Event
from tenants.models import Scope
from tenants.rls import tenant_scope


class EventQuery(PageQuery):
    after = serializers.IntegerField(
        min_value=0, max_value=2**63 - 1, default=0, help_text="the last sequence that is already known"
    )
    types = serializers.CharField(required=False, help_text="only these, separated by commas")
    account = PublicIdField("acc", required=False)

    def validate_types(self, types: str) -> list[str]:
        return [name.strip() for name in types.split(",") if name.strip()]


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
