"""Pages of people and keys."""

from django.urls import path

from tenants.views import door

urlpatterns = [
    path("", door.home, name="home"),
    path("login", door.login_view, name="login"),
    path("logout", door.logout_view, name="logout"),
    path("tenants", door.choose_tenant, name="tenants"),
]
