"""The control API's refusals: `{"error": "…"}`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.engine.errors import Unknown, WrongState


async def answer_control_error(_: Request, error: Exception) -> Response:
    """404 for what isn't there, 409 for what can't be done now, 400 for the rest."""
    status = 404 if isinstance(error, Unknown) else 409 if isinstance(error, WrongState) else 400
    return JSONResponse({"error": str(error)}, status)
