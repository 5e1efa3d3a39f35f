from django.urls import URLPattern, URLResolver, include, path

from config import health
from cti.api import metrics, pages, problems

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("tenants.urls")),
    path("", include("integrations.urls")),
    path("", include("cti.screenpop.urls")),
    path("", include("cti.queues.urls")),
    path("", include("cti.ingest.urls")),
    path("api/docs", pages.docs, name="api_docs"),
    path("api/docs/errors", pages.errors, name="api_errors"),
    path("api/", include("cti.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]

handler400 = problems.outside_views(400)
handler500 = problems.outside_views(500)
