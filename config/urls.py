from django.urls import URLPattern, URLResolver, include, path

from config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("tenants.urls")),
    path("", include("integrations.urls")),
    path("", include("cti.screenpop.urls")),
    path("", include("cti.ingest.urls")),
    path("api/", include("cti.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
