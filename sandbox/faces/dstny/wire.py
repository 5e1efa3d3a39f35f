"""JSON or XML, by Content-Type and Accept. The document shows JSON alone; the XML has the same names as elements."""

import json
from typing import Any
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.faces.dstny.errors import ApiError, invalid

_XML_TYPES = ("application/xml", "text/xml")


async def read_body(request: Request) -> dict[str, Any]:
    """The object in the body, form fields included; empty for none and for what is no structure (a photo, say).

    Raises ApiError 400.
    """
    raw = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not raw or kind.startswith(("image/", "application/octet-stream")):
        return {}
    if kind == "application/x-www-form-urlencoded":
        form = await request.form()
        return {name: _one_or_many(form.getlist(name)) for name in form}
    if kind in _XML_TYPES:
        return _read_xml(raw)
    try:
        body = json.loads(raw)
    except ValueError:
        raise invalid("body", "The body is not JSON") from None
    if not isinstance(body, dict):
        raise invalid("body", "The body is not a JSON object")
    return body


def wants_xml(request: Request) -> bool:
    """Whether XML is named in Accept, before JSON where both are."""
    accepted = request.headers.get("accept", "").lower()
    found = [accepted.find(each) for each in _XML_TYPES if each in accepted]
    json_at = accepted.find("json")
    return bool(found) and (json_at < 0 or min(found) < json_at)


def success(generated_id: str = "") -> dict[str, Any]:
    """What the document shows for operations that have nothing else to say: the error object, without errors."""
    return {"field": [], "warning": [], "generated-id": generated_id}


def answer(request: Request, value: Any, root: str) -> Response:
    """200 with the value, 204 for None, or the handler's own answer. `root` names the outermost XML element."""
    if isinstance(value, Response):
        return value
    if value is None:
        return Response(status_code=204)
    if wants_xml(request):
        return Response(to_xml(value, root), media_type="application/xml")
    return JSONResponse(value)


def answer_error(request: Request, error: ApiError) -> Response:
    body = error.render()
    if wants_xml(request):
        return Response(to_xml(body, "status"), error.status, error.headers, "application/xml")
    return JSONResponse(body, error.status, error.headers)


def to_xml(value: Any, root: str) -> bytes:
    """Lists repeat their element; a list at the top holds elements named as the root without its s."""
    element = ElementTree.Element(root)
    if isinstance(value, list):
        value = {root.removesuffix("s"): value}
    _fill(element, value)
    return bytes(ElementTree.tostring(element, encoding="UTF-8", xml_declaration=True))


def _fill(element: ElementTree.Element, value: Any) -> None:
    if not isinstance(value, dict):
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
        return
    for name, content in value.items():
        for each in content if isinstance(content, list) else [content]:
            _fill(ElementTree.SubElement(element, name.lstrip(".")), each)


def _read_xml(raw: bytes) -> dict[str, Any]:
    if b"<!" in raw:
        raise invalid("body", "A document type is not accepted")
    try:
        root = ElementTree.fromstring(raw)  # noqa: S314 - without a document type there are no entities to expand
    except ElementTree.ParseError:
        raise invalid("body", "The body is not XML") from None
    content = _content(root)
    return content if isinstance(content, dict) else {root.tag: content}


def _content(element: ElementTree.Element) -> Any:
    if not len(element):
        return element.text or ""
    names = {child.tag for child in element}
    return {name: _one_or_many([_content(each) for each in element.findall(name)]) for name in names}


def _one_or_many(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
