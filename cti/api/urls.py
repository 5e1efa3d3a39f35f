"""The addresses of the API. No trailing slashes; what isn't listed is a 404 in the API's own form."""

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from cti.api import accounts, calls, directory, events, history, lines, messages, queues, subscriptions
from cti.api.views import UnknownAddress
from cti.control.actions import ACTIONS
from cti.queues.commands import AGENT_ACTIONS

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
    path("v1/accounts/<account_id>/passthrough", accounts.AccountPassthrough.as_view(), name="account-passthrough"),
    path("v1/accounts/<account_id>/capabilities", accounts.AccountCapabilities.as_view(), name="account-capabilities"),
    path("v1/accounts/<account_id>/tags", accounts.AccountTags.as_view(), name="account-tags"),
    path(
        "v1/accounts/<account_id>/subscriptions",
        subscriptions.AccountSubscriptions.as_view(),
        name="account-subscriptions",
    ),
    path("v1/extensions", directory.Extensions.as_view(), name="extensions"),
    path("v1/extensions/<extension_id>", directory.ExtensionDetail.as_view(), name="extension"),
    path("v1/extensions/<extension_id>/caller-ids", directory.CallerIds.as_view(), name="extension-caller-ids"),
    path("v1/extensions/<extension_id>/caller-id", directory.CallerId.as_view(), name="extension-caller-id"),
    path("v1/extensions/<extension_id>/devices", lines.Devices.as_view(), name="extension-devices"),
    path("v1/extensions/<extension_id>/presence", lines.LinePresence.as_view(), name="extension-presence"),
    path("v1/extensions/<extension_id>/diversion", lines.LineDiversion.as_view(), name="extension-diversion"),
    path("v1/calls", calls.Calls.as_view(), name="calls"),
    path("v1/calls/<call_id>", calls.CallDetail.as_view(), name="call"),
    *(
        path(f"v1/calls/<call_id>/{action}", calls.action_view(action).as_view(), name=f"call-{action}")
        for action in ACTIONS
    ),
    path("v1/queues", queues.Queues.as_view(), name="queues"),
    path("v1/queues/<queue_id>", queues.QueueDetail.as_view(), name="queue"),
    path("v1/queues/<queue_id>/agents", queues.QueueAgents.as_view(), name="queue-agents"),
    *(
        path(
            f"v1/queues/<queue_id>/agents/<extension_id>/{action}",
            queues.agent_action_view(action).as_view(),
            name=f"queue-agent-{action}",
        )
        for action in AGENT_ACTIONS
    ),
    path("v1/queues/<queue_id>/calls", queues.QueueCalls.as_view(), name="queue-calls"),
    path("v1/queues/<queue_id>/calls/<call_id>/steal", queues.QueueSteal.as_view(), name="queue-steal"),
    path("v1/call-log", history.CallLog.as_view(), name="call-log"),
    path("v1/recordings/<recording_id>", history.Recording.as_view(), name="recording"),
    path("v1/voicemails", history.Voicemails.as_view(), name="voicemails"),
    path("v1/messages", messages.Messages.as_view(), name="messages"),
    path("v1/events/stream", events.EventsStream.as_view(), name="events-stream"),
    path("v1/events", events.Events.as_view(), name="events"),
    re_path(r"^", UnknownAddress.as_view()),
]
