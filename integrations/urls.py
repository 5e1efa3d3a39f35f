"""The addresses of the accounts' pages and of the OAuth flow."""

from django.urls import path

from integrations import views
from integrations.pages import account, connect, directory, listing

urlpatterns = [
    path("accounts", listing.accounts, name="accounts"),
    path("accounts/new", connect.account_new, name="account_new"),
    path("accounts/<str:account_id>", account.account, name="account"),
    path("accounts/<str:account_id>/edit", connect.account_edit, name="account_edit"),
    path("accounts/<str:account_id>/test", account.account_test, name="account_test"),
    path("accounts/<str:account_id>/sync", account.account_sync, name="account_sync"),
    path("accounts/<str:account_id>/callback", account.account_callback, name="account_callback"),
    path("accounts/<str:account_id>/disconnect", account.account_disconnect, name="account_disconnect"),
    path(
        "accounts/<str:account_id>/extensions/<str:extension_id>/member",
        directory.extension_member,
        name="extension_member",
    ),
    path("accounts/<str:account_id>/authorize", views.account_authorize, name="account_authorize"),
    path("integrations/oauth/callback", views.oauth_callback, name="oauth_callback"),
]
