"""The addresses of the API. No trailing slashes; what isn't listed is a 404 in the API's own form."""

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from cti.api import accounts, calls, directory, events
from cti.api.views import UnknownAddress
from cti.control.actions import ACTIONS

app_name = "api"
urlpatterns: list[URLPattern] = [
    path(
        "v1/openapi.json",
        SpectacularJSONAPIView.as_view(permission_classes=[], authentication_classes=[]),
        name="openapi",
    ),
    path("v1/me", directory.Me.as_view(), name="me"),
    path("v1/vendors", directory.Vendors.as_view(), name="vendors"),
    path("v1/accounts", accounts.Accounts.as_view(), name="accounts"),
    path("v1/accounts/<account_id>", accounts.AccountDetail.as_view(), name="account"),
    path("v1/accounts/<account_id>/authorize", accounts.AccountAuthorize.as_view(), name="account-authorize"),
    path("v1/accounts/<account_id>/test", accounts.AccountTest.as_view(), name="account-test"),
    path("v1/accounts/<account_id>/sync", accounts.AccountSync.as_view(), name="account-sync"),
    path("v1/accounts/<account_id>/capabilities", accounts.AccountCapabilities.as_view(), name="account-capabilities"),
    path(
        "v1/accounts/<account_id>/subscriptions", accounts.AccountSubscriptions.as_view(), name="account-subscriptions"
    ),
    path("v1/extensions", directory.Extensions.as_view(), name="extensions"),
    path("v1/extensions/<extension_id>", directory.ExtensionDetail.as_view(), name="extension"),
    path("v1/extensions/<extension_id>/caller-ids", directory.CallerIds.as_view(), name="extension-caller-ids"),
    path("v1/extensions/<extension_id>/caller-id", directory.CallerId.as_view(), name="extension-caller-id"),
    path("v1/calls", calls.Calls.as_view(), name="calls"),
    path("v1/calls/<call_id>", calls.CallDetail.as_view(), name="call"),
    *(
        path(f"v1/calls/<call_id>/{action}", calls.action_view(action).as_view(), name=f"call-{action}")
        for action in ACTIONS
    ),
    path("v1/events", events.Events.as_view(), name="events"),
    re_path(r"^", UnknownAddress.as_view()),
]
