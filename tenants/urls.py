"""Pages of people and keys."""

from django.urls import path

from tenants.views import audit, door, keys, members, password

urlpatterns = [
    path("", door.home, name="home"),
    path("login", door.login_view, name="login"),
    path("logout", door.logout_view, name="logout"),
    path("tenants", door.choose_tenant, name="tenants"),
    path("password", password.password, name="password"),
    path("members", members.members, name="members"),
    path("members/<str:member_id>/role", members.member_role, name="member_role"),
    path("members/<str:member_id>/remove", members.member_remove, name="member_remove"),
    path("keys", keys.keys, name="keys"),
    path("keys/<str:key_id>/revoke", keys.key_revoke, name="key_revoke"),
    path("audit", audit.audit, name="audit"),
]
