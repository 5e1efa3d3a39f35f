"""The environment that the product's processes get: the caller's own, and what the launcher makes where that is silent."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from launch.embedded import Services, is_given
from launch.home import Home, fernet_keys

# Where an emulated PBX on this machine is: PATCHBAY_ALLOWED_PRIVATE_NETWORKS of the demo and of tests.
LOOPBACK = "127.0.0.0/8,::1/128"
ROOT = Path(__file__).resolve().parent.parent


def default_home(environment: Mapping[str, str]) -> Home:
    return Home(Path(environment.get("PATCHBAY_HOME") or ROOT / "var").resolve())


def made_values(home: Home, services: Services, public_url: str, given: Mapping[str, str]) -> dict[str, str]:
    """What the caller's environment doesn't say. Also written to PATCHBAY_HOME/env, for `manage.py` in another terminal."""
    values = {
        "SECRET_KEY": home.secret("secret_key", lambda: secrets.token_urlsafe(48)),
        "PATCHBAY_ENCRYPTION_KEYS": home.secret("encryption_keys", fernet_keys),
        "PATCHBAY_PUBLIC_URL": public_url,
        **services.values,
    }
    return {name: value for name, value in values.items() if not is_given(name, given)}


def child_environment(home: Home, values: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **values, "PATCHBAY_HOME": str(home.path), "PYTHONUNBUFFERED": "1"}
