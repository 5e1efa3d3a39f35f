from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("tenants.urls")),
    path("", include("integrations.urls")),
    path("", include("cti.screenpop.urls")),
    path("", include("cti.ingest.urls")),
    path("api/", include("cti.api.urls")),
]
