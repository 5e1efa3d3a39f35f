import socket
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from launch.console import LaunchError
from launch.embedded import Services
from launch.environment import made_values
from launch.home import Home, fernet_keys, is_free

SERVICES_GIVEN = {"DATABASE_URL": "postgresql://db/x", "REDIS_URL_FILE": "/run/secrets/redis"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_made_once_and_is_for_its_owner_alone(home: Home) -> None:
    first = home.secret("secret_key", lambda: "made")
    assert [first, home.secret("secret_key", lambda: "made again")] == ["made", "made"]
    assert mode(home.path / "secrets") == 0o700
    assert mode(home.path / "secrets" / "secret_key") == 0o600


def test_encryption_keys_are_a_key_id_and_a_fernet_key() -> None:
    key_id, _, key = fernet_keys().partition(":")
    assert key_id == "k1"
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"token")) == b"token"


def test_made_values_stay_the_same_from_one_start_to_the_next(home: Home) -> None:
    services = Services(home, SERVICES_GIVEN)
    first = made_values(home, services, "http://localhost:8000", {})
    assert sorted(first) == ["PATCHBAY_ENCRYPTION_KEYS", "PATCHBAY_PUBLIC_URL", "SECRET_KEY"]
    assert made_values(home, services, "http://localhost:8000", {}) == first


def test_made_values_leave_out_what_the_environment_gives(home: Home) -> None:
    given = {"SECRET_KEY": "mine", "PATCHBAY_ENCRYPTION_KEYS_FILE": "/run/secrets/keys"}
    values = made_values(home, Services(home, SERVICES_GIVEN), "http://localhost:8000", given)
    assert values == {"PATCHBAY_PUBLIC_URL": "http://localhost:8000"}


def test_write_env_replaces_the_file_and_keeps_it_private(home: Home) -> None:
    home.write_env({"SECRET_KEY": "old", "REDIS_URL": "redis://old"})
    home.write_env({"SECRET_KEY": "new"})
    assert [line for line in home.env_file.read_text().splitlines() if not line.startswith("#")] == ["SECRET_KEY=new"]
    assert mode(home.env_file) == 0o600


def test_a_port_is_remembered_until_something_else_listens_there(home: Home) -> None:
    port = home.port("postgres")
    assert home.port("postgres") == port
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
        assert home.port("postgres") != port


def test_a_second_launcher_on_the_same_home_is_told_so(home: Home) -> None:
    with home.locked(), pytest.raises(LaunchError, match=r"already running on .* \(process \d+\)"), home.locked():
        pass
    with home.locked():
        """The lock ended with its holder."""
