"""JSON bodies, as far as they can be kept."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StorableJSONParser(JSONParser):
    """Refuses what is JSON, but no text that a database or a vendor could take: NUL, half surrogate pairs, endless nesting."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            storable = all(_is_storable(text) for text in _texts(data))
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply") from error
        if not storable:
            raise ParseError("JSON parse error - NUL and lone surrogates can't be part of a text")
        return data


def _texts(data: Any) -> Iterator[str]:
    """All strings in it, keys too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list | dict):
        for each in data if isinstance(data, list) else [*data, *data.values()]:
            yield from _texts(each)


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
