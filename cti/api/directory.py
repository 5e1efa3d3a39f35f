"""/vendors, /extensions and /me: what there is, without changing any of it but whose line an extension is."""

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from common.ids import public_id
from cti.api.pagination import PageQuery, paginate
from cti.api.representations import caller_id_json, extension_json, vendor_json
from cti.api.schema import page_schema
from cti.api.serializers import CallerIdSerializer, ExtensionSerializer, MeSerializer, VendorSerializer
from cti.api.views import ApiView, id_or_404, page_of, read_body, read_query
from cti.calls.numbers import normalize
from cti.control.capabilities import readable_accounts, require
from cti.control.fields import PublicIdField
from cti.control.vendor import ask
from integrations import registry
from integrations.contract.capabilities import Capability
from integrations.models import Extension, PbxAccount
from tenants import audit
from tenants.models import Membership, Scope, Tenant
from tenants.principals import ANY_SCOPE, Principal
from tenants.rls import tenant_scope


class Vendors(ApiView):
    required_scopes = {"GET": ANY_SCOPE}

    @extend_schema(operation_id="vendors_list", responses=page_schema(VendorSerializer))
    def get(self, request: Request) -> Response:
        """The catalogue: the vendors that can be connected, and what each needs."""
        return page_of([vendor_json(vendor) for vendor in registry.catalogue()], None)


class ExtensionQuery(PageQuery):
    account = PublicIdField("acc", required=False)
    type = serializers.ChoiceField(choices=["user", "dialplan", "queue", "device"], required=False)
    number = serializers.CharField(required=False)


class Extensions(ApiView):
    required_scopes = {"GET": Scope.DIRECTORY_READ}

    @extend_schema(
        operation_id="extensions_list", parameters=[ExtensionQuery], responses=page_schema(ExtensionSerializer)
    )
    def get(self, request: Request) -> Response:
        """The extensions that the vendors' directories list."""
        query = read_query(request, ExtensionQuery)
        found = Extension.objects.filter(gone_at=None)
        if "account" in query:
            found = found.filter(account_id=query["account"])
        if "type" in query:
            found = found.filter(type=query["type"])
        if "number" in query:
            found = found.filter(_has_number(query["number"], self.principal.region))
        with tenant_scope(self.principal.tenant_id):
            page, cursor = paginate(found, query, "id")
        return page_of([extension_json(each, self.principal.region) for each in page], cursor)


def _has_number(text: str, region: str) -> Q:
    """Internal numbers as they are; external ones however they are written (vendors leave the + out)."""
    normal = normalize(text, region)
    return Q(number=text) | Q(external_number__in=[normal, normal.removeprefix("+")])


class ExtensionChange(serializers.Serializer[Any]):
    """Whose line it is; null unbinds it."""

    member_id = PublicIdField("mem", allow_null=True)


class ExtensionDetail(ApiView):
    required_scopes = {"GET": Scope.DIRECTORY_READ, "PATCH": Scope.DIRECTORY_MANAGE}

    @extend_schema(operation_id="extensions_get", responses=ExtensionSerializer)
    def get(self, request: Request, extension_id: str) -> Response:
        """One extension."""
        with tenant_scope(self.principal.tenant_id):
            extension = find_extension(extension_id)
        return Response(extension_json(extension, self.principal.region))

    @extend_schema(operation_id="extensions_bind", request=ExtensionChange, responses=ExtensionSerializer)
    def patch(self, request: Request, extension_id: str) -> Response:
        """Binds a member to the line, or nobody."""
        with tenant_scope(self.principal.tenant_id):
            extension = find_extension(extension_id)
            change = read_body(request, ExtensionChange)
            member_id = change["member_id"]
            if member_id and not Membership.objects.filter(pk=member_id).exists():
                raise NotFound(f"There is no member {public_id('mem', member_id)}.")
            extension.member_id = member_id
            extension.save(update_fields=["member"])
            detail = {"member_id": public_id("mem", member_id) if member_id else None}
            audit.record(self.principal, "extension.bound", extension.public_id, detail, request)
        return Response(extension_json(extension, self.principal.region))


class CallerIds(ApiView):
    required_scopes = {"GET": Scope.DIRECTORY_READ}

    @extend_schema(operation_id="extensions_caller_ids", responses=page_schema(CallerIdSerializer))
    def get(self, request: Request, extension_id: str) -> Response:
        """The numbers that the extension may show, asked of the vendor now."""
        extension, account = find_line(self.principal, extension_id)
        require(account, Capability.LIST_CALLER_IDS)
        vendor_id, region = extension.vendor_extension_id, self.principal.region
        listed = ask(account, "list_caller_ids", lambda adapter: adapter.list_caller_ids(vendor_id))
        return page_of([caller_id_json(each, region) for each in listed], None)


class CallerIdChange(serializers.Serializer[Any]):
    """Which number to show: a `caller_id` of the list."""

    caller_id = serializers.CharField()


class CallerId(ApiView):
    required_scopes = {"PUT": Scope.DIRECTORY_MANAGE}

    @extend_schema(operation_id="extensions_set_caller_id", request=CallerIdChange, responses=CallerIdChange)
    def put(self, request: Request, extension_id: str) -> Response:
        """Has the extension show this number from now on."""
        extension, account = find_line(self.principal, extension_id)
        require(account, Capability.SET_CALLER_ID)
        caller_id = read_body(request, CallerIdChange)["caller_id"]
        vendor_id = extension.vendor_extension_id
        ask(account, "set_caller_id", lambda adapter: adapter.set_caller_id(vendor_id, caller_id))
        with tenant_scope(self.principal.tenant_id):
            audit.record(
                self.principal, "extension.caller_id_set", extension.public_id, {"caller_id": caller_id}, request
            )
        return Response({"caller_id": caller_id})


class Me(ApiView):
    required_scopes = {"GET": ANY_SCOPE}

    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Whose credential this is, and what it may do."""
        principal = self.principal
        with tenant_scope(principal.tenant_id):
            tenant = Tenant.objects.get(pk=principal.tenant_id)
            own = Extension.objects.filter(member=principal.membership, gone_at=None) if principal.membership else ()
            extensions = [extension_json(each, principal.region) for each in own]
        return Response(
            {
                "tenant": {"id": tenant.public_id, "name": tenant.name, "slug": tenant.slug, "region": tenant.region},
                "actor": _actor(principal),
                "role": principal.role,
                "member_id": principal.membership.public_id if principal.membership else None,
                "scopes": sorted(scope for scope in Scope.values if principal.has_scope(scope)),
                "extensions": extensions,
            }
        )


def _actor(principal: Principal) -> dict[str, Any]:
    who = principal.membership or principal.api_key
    kind = "member" if principal.membership else "api_key"
    return {"type": kind, "id": who.public_id if who else None, "name": principal.actor}


def find_line(principal: Principal, extension_id: str) -> tuple[Extension, PbxAccount]:
    """The extension and its account, in a scope of its own: the vendor is asked outside of it. Raises NotFound."""
    with tenant_scope(principal.tenant_id):
        extension = find_extension(extension_id)
        return extension, readable_accounts().get(pk=extension.account_id)


def find_extension(extension_id: str) -> Extension:
    """The extension with that public id, inside the tenant's scope; also one that the vendor stopped listing. Raises NotFound."""
    extension = Extension.objects.filter(pk=id_or_404("ext", extension_id)).first()
    if extension is None:
        raise NotFound(f"There is no extension {extension_id}.")
    return extension
