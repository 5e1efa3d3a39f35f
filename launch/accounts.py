"""The operating system's account that embedded services run as: PostgreSQL refuses to run as root, and rightly so."""

import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from launch.console import LaunchError, say
from launch.home import Home

# Where root's services keep what they need when PATCHBAY_HOME lies under a folder that only root may enter.
SHARED_STATE = Path("/var/lib/patchbay")


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def owns(self, folder: Path) -> None:
        """Gives a folder to this account, for nobody else to read."""
        os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)

    def can_reach(self, folder: Path) -> bool:
        """Whether every folder above it lets this account pass: a clone under /root does not."""
        return subprocess.run(["test", "-x", str(folder)], check=False, **popen_options(self)).returncode == 0


def unprivileged() -> Account | None:
    """`nobody` for root; None for everybody else, who runs services as themselves."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def popen_options(account: Account | None) -> dict[str, Any]:
    """Arguments of subprocess that drop root's rights for good, extra groups included."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": [], "cwd": "/"}


def reachable_folder(home: Home, account: Account | None) -> Path:
    """`home`, or a folder of its own under SHARED_STATE when the account can't get to `home`."""
    if account is None or account.can_reach(home.path):
        return home.path
    folder = SHARED_STATE / home.secret("installation", lambda: secrets.token_hex(6))
    if not folder.exists():
        say(f"services don't run as root, and others can't enter {home.path}: their data goes to {folder}")
        folder.mkdir(parents=True)
    return folder


def reachable_package(package: str, subfolder: str, home: Home, account: Account | None) -> Path:
    """A folder of an installed package, or a copy of it when the account can't get to the virtual environment."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise LaunchError(f"the package {package} is missing; requirements-dev.lock has it")
    site = Path(spec.origin).parent.parent
    part = Path(package, subfolder)
    if account is None or account.can_reach(site / part):
        return site / part
    copy = reachable_folder(home, account) / f"{package}-{version(package)}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(site / part, unfinished / part)
        if (
            libraries := site / f"{package}.libs"
        ).is_dir():  # where wheels keep shared libraries, found by relative path
            shutil.copytree(libraries, unfinished / libraries.name)
        unfinished.rename(copy)
    return copy / part


def remove_all(home: Home) -> None:
    """Deletes an installation, what it keeps outside its folder included."""
    installation = home.path / "secrets" / "installation"
    if installation.is_file():
        shutil.rmtree(SHARED_STATE / installation.read_text(encoding="ascii").strip(), ignore_errors=True)
    shutil.rmtree(home.path, ignore_errors=True)
