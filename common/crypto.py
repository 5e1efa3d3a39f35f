"""Encryption at rest of vendor credentials: Fernet with key ids, so that keys can be rotated one at a time."""

import hashlib
import hmac
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models


class DecryptionFailed(RuntimeError):
    """A stored secret can't be read with the keys of PATCHBAY_ENCRYPTION_KEYS."""


@lru_cache(maxsize=4)
def _keyring(keys: tuple[tuple[str, str], ...]) -> dict[str, Fernet]:
    return {key_id: Fernet(key) for key_id, key in keys}


def encrypt(plain: str) -> str:
    """Encrypts with the first key; the answer is `keyid:token`."""
    keys: tuple[tuple[str, str], ...] = settings.PATCHBAY_ENCRYPTION_KEYS
    key_id = keys[0][0]
    return f"{key_id}:{_keyring(keys)[key_id].encrypt(plain.encode()).decode()}"


def decrypt(stored: str) -> str:
    """The plain text of `encrypt`; raises DecryptionFailed when its key is no longer configured or doesn't fit."""
    key_id, _, token = stored.partition(":")
    fernet = _keyring(settings.PATCHBAY_ENCRYPTION_KEYS).get(key_id)
    if fernet is None:
        raise DecryptionFailed(
            f"key {key_id!r} is not in PATCHBAY_ENCRYPTION_KEYS: add it again, or reconnect the account"
        )
    try:
        return fernet.decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise DecryptionFailed(f"a secret encrypted with key {key_id!r} can't be read: the key has changed") from error


def key_id_of(stored: str) -> str:
    """Which key a stored secret was encrypted with."""
    return stored.partition(":")[0]


def token_digest(token: str) -> bytes:
    """What is stored of a high-entropy secret that we only have to recognise: API keys, hook tokens."""
    return hashlib.sha256(token.encode()).digest()


def same_secret(left: bytes, right: bytes) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(left, right)


if TYPE_CHECKING:  # Django's fields take type parameters in their stubs alone
    _TextField = models.TextField[Any, Any]
else:
    _TextField = models.TextField


class EncryptedJSONField(_TextField):
    """A JSON value that is encrypted in the database; `None` stays NULL."""

    _pyi_private_set_type: Any  # what the type checker takes from fields: any JSON value may be assigned
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(json.dumps(value))

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else json.loads(decrypt(value))

    def to_python(self, value: Any) -> Any:
        return value
