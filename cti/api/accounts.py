"""/accounts: connecting PBXs, and how the connected ones are."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from common.times import rfc3339, utc_now
from cti.api.idempotent import idempotent
from cti.api.pagination import PageQuery, paginate
from cti.api.representations import account_json
from cti.api.schema import page_schema
from cti.api.serializers import (
    AccountSerializer,
    AuthorizeSerializer,
    CapabilitiesSerializer,
    CheckSerializer,
    SyncSerializer,
    TagSerializer,
)
from cti.api.views import ApiView, id_or_404, page_of, read_body, read_query
from cti.control.capabilities import capabilities_of, readable_accounts, require
from cti.control.passthrough import PassthroughAnswerSerializer, PassthroughParams, answer_json, raw_request
from cti.control.vendor import ask
from integrations import accounts, oauth
from integrations.contract.capabilities import Capability, grouped
from integrations.contract.errors import Unsupported
from integrations.directory import sync_directory
from integrations.models import PbxAccount
from integrations.registry import adapter_class
from tenants import audit
from tenants.models import Scope
from tenants.rls import tenant_scope


class AccountChange(serializers.Serializer[Any]):
    """What to change of an account: credentials are merged into the stored ones, settings replace them."""

    name = serializers.CharField(required=False)
    base_url = serializers.CharField(required=False)
    credentials = serializers.DictField(required=False, write_only=True)
    settings = serializers.DictField(required=False)


class NewAccount(AccountChange):
    """`GET /vendors` tells what each vendor's credentials and settings are."""

    vendor = serializers.CharField()
    name = serializers.CharField()
    base_url = serializers.CharField(
        required=False, allow_blank=True, help_text="the vendor's own where it is left out"
    )
    credentials = serializers.DictField(write_only=True)


class AccountView(ApiView):
    """What the views of one account share."""

    def find(self, account_id: str) -> PbxAccount:
        """The account without its secrets. Raises NotFound."""
        with tenant_scope(self.principal.tenant_id):
            account = readable_accounts().filter(pk=id_or_404("acc", account_id)).first()
        if account is None:
            raise NotFound(f"There is no account {account_id}.")
        return account

    def record(self, action: str, account: PbxAccount, fields: Sequence[str] = ()) -> None:
        """Writes the audit log: which fields, never what is in them."""
        detail = {"vendor": account.vendor, "name": account.name} | ({"fields": sorted(fields)} if fields else {})
        with tenant_scope(self.principal.tenant_id):
            audit.record(self.principal, action, account.public_id, detail, self.request)


class Accounts(AccountView):
    required_scopes = {"GET": Scope.ACCOUNTS_READ, "POST": Scope.ACCOUNTS_MANAGE}

    @extend_schema(operation_id="accounts_list", parameters=[PageQuery], responses=page_schema(AccountSerializer))
    def get(self, request: Request) -> Response:
        """The connected PBXs."""
        query = read_query(request, PageQuery)
        with tenant_scope(self.principal.tenant_id):
            page, cursor = paginate(readable_accounts(), query, "id")
        return page_of([account_json(account) for account in page], cursor)

    @extend_schema(operation_id="accounts_create", request=NewAccount, responses={201: AccountSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Connects a PBX. Where the vendor wants OAuth, an admin goes on at `authorize_url` in a browser."""
        body = read_body(request, NewAccount)
        try:
            account = accounts.create_account(self.principal.tenant_id, **body)
        except accounts.InvalidAccount as error:
            raise ValidationError(error.errors) from error
        self.record("account.created", account)
        location = reverse("api:account", args=[account.public_id])
        return Response(account_json(self.find(account.public_id)), status=201, headers={"Location": location})


class AccountDetail(AccountView):
    required_scopes = {
        "GET": Scope.ACCOUNTS_READ,
        "PATCH": Scope.ACCOUNTS_MANAGE,
        "DELETE": Scope.ACCOUNTS_MANAGE,
    }

    @extend_schema(operation_id="accounts_get", responses=AccountSerializer)
    def get(self, request: Request, account_id: str) -> Response:
        """One account."""
        return Response(account_json(self.find(account_id)))

    @extend_schema(operation_id="accounts_change", request=AccountChange, responses=AccountSerializer)
    def patch(self, request: Request, account_id: str) -> Response:
        """Changes what is given. Another address or other credentials connect the account anew."""
        account = self.find(account_id)
        body = read_body(request, AccountChange)
        try:
            accounts.update_account(self.principal.tenant_id, account.pk, **body)
        except accounts.InvalidAccount as error:
            raise ValidationError(error.errors) from error
        self.record("account.changed", account, list(body))
        return Response(account_json(self.find(account_id)))

    @extend_schema(operation_id="accounts_delete", responses={204: OpenApiResponse(description="It is gone.")})
    def delete(self, request: Request, account_id: str) -> Response:
        """Disconnects the PBX: its hooks stop at once, its calls and events stay."""
        account = self.find(account_id)
        accounts.delete_account(self.principal.tenant_id, account.pk)
        self.record("account.deleted", account)
        return Response(status=204)


class AccountAuthorize(AccountView):
    required_scopes = {"POST": Scope.ACCOUNTS_MANAGE}

    @extend_schema(operation_id="accounts_authorize", request=None, responses=AuthorizeSerializer)
    @idempotent
    def post(self, request: Request, account_id: str) -> Response:
        """Where an admin's browser goes to authorize the account, for the first time or again."""
        account = self.find(account_id)
        if adapter_class(account.vendor).oauth is None:
            raise Unsupported("This vendor needs no authorization in the browser.")
        return Response({"authorize_url": oauth.authorize_page_url(account)})


class AccountTest(AccountView):
    required_scopes = {"POST": Scope.ACCOUNTS_MANAGE}

    @extend_schema(operation_id="accounts_test", request=None, responses=CheckSerializer)
    @idempotent
    def post(self, request: Request, account_id: str) -> Response:
        """A live round trip to the vendor; what went wrong is in `detail`."""
        check = accounts.test_account(self.principal.tenant_id, self.find(account_id).pk)
        return Response({"ok": check.ok, "detail": check.detail, "latency_ms": round(check.latency_ms, 1)})


class AccountSync(AccountView):
    required_scopes = {"POST": Scope.ACCOUNTS_MANAGE}

    @extend_schema(operation_id="accounts_sync", request=None, responses=SyncSerializer)
    @idempotent
    def post(self, request: Request, account_id: str) -> Response:
        """Reads the vendor's directory now, and answers when it is done."""
        account, now = self.find(account_id), utc_now()
        count = sync_directory(self.principal.tenant_id, account.pk, now=now)
        self.record("account.synced", account)
        return Response({"extensions": count, "synced_at": rfc3339(now)})


class AccountCapabilities(AccountView):
    required_scopes = {"GET": Scope.ACCOUNTS_READ}

    @extend_schema(operation_id="accounts_capabilities", responses=CapabilitiesSerializer)
    def get(self, request: Request, account_id: str) -> Response:
        """What this account can do, as vendor, granted scopes and licence stand."""
        return Response(grouped(capabilities_of(self.find(account_id))))


class AccountTags(AccountView):
    required_scopes = {"GET": Scope.DIRECTORY_READ}

    @extend_schema(operation_id="accounts_tags", responses=page_schema(TagSerializer))
    def get(self, request: Request, account_id: str) -> Response:
        """The tags that calls can be given, where the PBX takes no others."""
        account = self.find(account_id)
        require(account, Capability.LIST_TAGS)
        return page_of(
            [{"name": name} for name in ask(account, "list_tags", lambda adapter: adapter.list_tags())], None
        )


class AccountPassthrough(AccountView):
    # With the account's credentials the vendor does whatever they permit: that is for those who may change them.
    required_scopes = {"POST": Scope.ACCOUNTS_MANAGE}

    @extend_schema(
        operation_id="accounts_passthrough", request=PassthroughParams, responses=PassthroughAnswerSerializer
    )
    @idempotent
    def post(self, request: Request, account_id: str) -> Response:
        """Sends a request of your own to the vendor's API, authenticated as the account; answers what the vendor says.

        The vendor's refusals are its answer, too: this is 200, with the vendor's status inside. What is asked is audited
        by method and path.
        """
        account = self.find(account_id)
        require(account, Capability.PASSTHROUGH)
        raw = raw_request(read_body(request, PassthroughParams))
        with tenant_scope(self.principal.tenant_id):  # before the vendor is asked: whatever comes of it, it was asked
            detail = {"method": raw.method, "path": raw.path}
            audit.record(self.principal, "account.passthrough", account.public_id, detail, request)
        return Response(answer_json(ask(account, "passthrough", lambda adapter: adapter.passthrough(raw))))
