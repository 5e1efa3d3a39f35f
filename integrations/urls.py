"""The addresses of the OAuth flow."""

from django.urls import path

from integrations import views

urlpatterns = [
    path("accounts/<str:account_id>/authorize", views.account_authorize, name="account_authorize"),
    path("integrations/oauth/callback", views.oauth_callback, name="oauth_callback"),
]
