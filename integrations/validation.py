"""Whether what somebody typed makes an account: the adapter's JSON Schemas as sentences, one list for each field."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from integrations.contract.adapter import PbxAdapter
from integrations.registry import UnknownVendor, adapter_class

_MAX_NAME = 200
_MAX_URL = 500
_TYPES = {"string": "text", "boolean": "true or false", "array": "a list", "object": "an object", "integer": "a number"}


class InvalidAccount(ValueError):
    """The account can't be made like this; `errors` has sentences by field, nested ones as `credentials.client_id`."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(f"{name}: {' '.join(sentences)}" for name, sentences in errors.items()))
        self.errors = dict(errors)


def known_adapter(vendor: str) -> type[PbxAdapter]:
    """The vendor's adapter. Raises InvalidAccount for a vendor that there isn't."""
    try:
        return adapter_class(vendor)
    except UnknownVendor as error:
        raise InvalidAccount({"vendor": [str(error)]}) from error


def check_account(
    adapter: type[PbxAdapter], *, name: str, base_url: str, credentials: Mapping[str, Any], settings: Mapping[str, Any]
) -> str:
    """Raises InvalidAccount with everything that is wrong; answers the base URL, normalised."""
    errors: defaultdict[str, list[str]] = defaultdict(list)
    if not name.strip() or len(name) > _MAX_NAME:
        errors["name"].append(f"Give it a name of at most {_MAX_NAME} characters.")
    try:
        base_url = normalized_base_url(base_url or adapter.default_base_url)
    except ValueError as error:
        errors["base_url"].append(str(error))
    for field, schema, value in (
        ("credentials", adapter.credentials_schema, credentials),
        ("settings", adapter.settings_schema, settings),
    ):
        for violation in Draft202012Validator(schema).iter_errors(value):
            path, sentence = _in_words(violation)
            errors[".".join((field, *path))].append(sentence)
    if errors:
        raise InvalidAccount(errors)
    return base_url


def normalized_base_url(text: str) -> str:
    """`https://host/path`, without a slash at its end. Raises ValueError with a sentence."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise ValueError("This is not an address.") from error
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host or any(each in host for each in "{} "):
        raise ValueError("Give an address that begins with https:// or http://, and has a host.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("Leave the login out of the address: it belongs among the credentials.")
    if parts.query or parts.fragment:
        raise ValueError("Leave out what comes after ? or #.")
    host = f"[{host}]" if ":" in host else host
    url = f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"
    if len(url) > _MAX_URL:
        raise ValueError(f"An address has at most {_MAX_URL} characters.")
    return url


def _in_words(violation: ValidationError) -> tuple[tuple[str, ...], str]:
    """Which field, and what to do; never the value, which may be a secret."""
    path = tuple(str(part) for part in violation.absolute_path)
    match violation.validator:
        case "required":
            missing = violation.message.split("'")[1]  # each missing field is a violation of its own
            return (*path, missing), "This is needed."
        case "additionalProperties":
            unknown = sorted(set(violation.instance) - set(violation.schema.get("properties", ())))
            return path, f"There is no field {', '.join(unknown)}."
        case "type":
            sentence = f"This must be {_TYPES.get(violation.validator_value, violation.validator_value)}."
        case "minLength" | "minItems":
            sentence = "This must not be empty."
        case "enum":
            sentence = f"Choose from: {', '.join(map(str, violation.validator_value))}."
        case "anyOf" | "oneOf" | "pattern" if "description" in violation.schema:
            sentence = violation.schema["description"]
        case _:
            sentence = f"This is not valid ({violation.validator})."
    return path, sentence
