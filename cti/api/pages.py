"""The API's documentation for people: the operations, and what each error means. Open to everybody, as the schema is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cti.api.errors import ERROR_CODES


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI over /api/v1/openapi.json; what is tried there runs with the reader's own session."""
    return render(request, "api/docs.html")


@require_GET
def errors(request: HttpRequest) -> HttpResponse:
    """Where the `type` of every problem leads."""
    return render(request, "api/errors.html", {"codes": ERROR_CODES})
