"""What every view of the API has in common."""

from typing import Any, ClassVar, cast
from uuid import UUID

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.ids import InvalidId, parse_id
from cti.api import metrics
from cti.api.parsers import StorableJSONParser
from cti.api.schema import ApiSchema
from tenants.principals import Principal


class ApiView(APIView):
    """A view under /api/v1. `required_scopes` says what its methods ask of the credential."""

    schema = ApiSchema()
    parser_classes = [StorableJSONParser]
    required_scopes: ClassVar[dict[str, str]]

    @property
    def principal(self) -> Principal:
        """Who asks. Only for authenticated views, which all are that don't say otherwise."""
        return cast(Principal, self.request.auth)

    def options(self, *_: Any, **__: Any) -> Response:
        """What methods there are stands in `Allow`."""
        return Response(status=204)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _ = request.body  # reads it through Django's size limit, which the parsers on their own don't know

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        metrics.count_request(request, final.status_code)
        if not final.has_header("Cache-Control"):
            final["Cache-Control"] = "private, no-cache"
        return final


class UnknownAddress(ApiView):
    """Everything under /api/ that isn't there."""

    authentication_classes = []
    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound(f"There is nothing at {request.path}.")


def id_or_404(prefix: str, text: str) -> UUID:
    """The UUID of an id in an address; what can't be one is not found, like any id that doesn't exist."""
    try:
        return parse_id(prefix, text)
    except InvalidId as error:
        raise NotFound(str(error)) from error


def read_query(request: Request, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The query parameters, validated."""
    parameters = {name: ",".join(values) for name, values in request.query_params.lists()}  # `a=1&a=2` is `a=1,2`
    query = serializer(data=parameters)
    query.is_valid(raise_exception=True)
    data: dict[str, Any] = query.validated_data
    return data


def read_body(request: Request, serializer: type[serializers.Serializer[Any]], **context: Any) -> dict[str, Any]:
    """The body, validated."""
    body = serializer(data=request.data, context=context)
    body.is_valid(raise_exception=True)
    data: dict[str, Any] = body.validated_data
    return data


def page_of(results: list[Any], cursor: str | None) -> Response:
    return Response({"results": results, "next": cursor})
