"""Errors as the document's tables have them: code, text, mnemonic, and which parameter was wrong. HTTP is 200 all the same."""

from typing import Any

_INVALID_PARAMS = -32602


class RpcError(Exception):
    """`field`: the parameter, by a dotted path; `value`: what was sent; `params`: what stands in the text for {placeholders}."""

    def __init__(
        self,
        code: int,
        mnemonic: str,
        message: str,
        field: str | None = None,
        value: Any = None,
        params: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.mnemonic = mnemonic
        self.message = message
        self.field = field
        self.value = value
        self.params = params or {}

    def render(self) -> dict[str, Any]:
        """The `error` object. `value` is a string, "without any changes"."""
        data = {
            "mnemonic": self.mnemonic,
            "field": self.field,
            "value": self.value if self.value is None or isinstance(self.value, str) else str(self.value),
            "params": self.params,
            "extended_helper": None,
        }
        return {"code": self.code, "message": self.message, "data": data}


def refused(mnemonic: str, message: str, field: str | None = None, value: Any = None, **params: Any) -> RpcError:
    """A parameter that can't be used, as most errors of the methods' own lists."""
    return RpcError(_INVALID_PARAMS, mnemonic, message, field, value, params)


def invalid_request() -> RpcError:
    return RpcError(-32600, "invalid_request", "Invalid Request The JSON sent is not a valid Request object")


def parse_error() -> RpcError:
    return RpcError(-32700, "parse_error", "Invalid JSON was received by the server.")


def method_not_found() -> RpcError:
    return RpcError(-32601, "method_not_found", "The method does not exist / is not available")


def batch_not_supported() -> RpcError:
    """The mnemonic is spelled so in the document."""
    return RpcError(-32099, "batch_opreations_not_supported", "Batch operations not supported")


def notifications_not_supported() -> RpcError:
    return RpcError(-32099, "notifications_not_supported", "Notifications not supported")


def token_invalid() -> RpcError:
    return RpcError(-32001, "access_token_invalid", "Access token is invalid")


def token_expired() -> RpcError:
    return RpcError(-32001, "access_token_expired", "Access token has been expired")


def token_blocked() -> RpcError:
    return RpcError(-32001, "access_token_blocked", "Access token has been blocked")


def auth_error() -> RpcError:
    return RpcError(-32001, "auth_error", "Login or password is wrong")


def ip_not_whitelisted(ip: str) -> RpcError:
    return RpcError(-32003, "ip_not_whitelisted", f"Your IP {ip} is not whitelisted", params={"ip": ip})


def forbidden() -> RpcError:
    return RpcError(-32003, "forbidden", "Permission denied")


def account_inactive() -> RpcError:
    return RpcError(-32009, "account_inactive", "Your account has been disabled, contact the support service")


def component_disabled(name: str) -> RpcError:
    return RpcError(
        -32008, "component_disabled", f"Component {name} has been disabled", params={"component_name": name}
    )


def limit_exceeded(limit_type: str, limit: int) -> RpcError:
    text = f"Limit per {limit_type} has been exceeded. Value of current limit per {limit_type} is {limit}"
    return RpcError(-32029, "limit_exceeded", text, params={"limit_type": limit_type, "limit_max_value": limit})


def internal_error() -> RpcError:
    return RpcError(-32603, "internal_error", "Internal error, contact the support service")


def invalid_state() -> RpcError:
    return RpcError(-32004, "invalid_state", "This method can not be called in this state")


def session_not_found(session_id: int) -> RpcError:
    return refused("call_session_not_found", "Call session not found", "call_session_id", session_id)


def wrong_type(field: str, value: Any) -> RpcError:
    return refused("data_type_error", "Data supplied is of wrong type", field, value, object=None)


def missing(field: str) -> RpcError:
    return refused("required_parameter_missed", "The required parameter has been missed", field)


def invalid_value(field: str, value: Any) -> RpcError:
    return refused("invalid_parameter_value", "Invalid parameter value", field, value)


def invalid_combination(field: str) -> RpcError:
    return refused("invalid_parameters_combination", "The combination of parameters is not permitted", field)


def wrong_encoding() -> RpcError:
    return refused("character_encoding_not_allowed", "The character encoding must be UTF-8")


def no_active_phone_number(field: str | None = None, value: Any = None) -> RpcError:
    return refused("no_active_phone_number", "The phone number does not exist or inactive", field, value)


def virtual_number_not_found(number: str) -> RpcError:
    text = f"Virtual phone number {number} not found. It is not your virtual phone number."
    params = {"virtual_phone_number": number}
    return RpcError(-32007, "virtual_phone_number_not_found", text, "virtual_phone_number", number, params)
