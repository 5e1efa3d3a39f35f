"""Makes `.venv` with what requirements-dev.lock pins, then hands over to `python -m launch`.

Runs on the system's Python with nothing but the standard library, and parses on old ones so that it can say so.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.lock"
STAMP = VENV / "installed-lock"


def say(line: str) -> None:
    print(f"patchbay: {line}", flush=True)


def check_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - it is the system's Python, whatever that is
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"patchbay: Python 3.11 or newer is needed, this is {found} (make PYTHON=/path/to/python3.11 …)")


def ensure_ensurepip() -> None:
    """Debian keeps ensurepip, which a virtual environment needs, in a package of its own."""
    if importlib.util.find_spec("ensurepip"):
        return
    package = f"python3.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or not Path("/usr/bin/apt-get").exists():
        sys.exit(f"patchbay: this Python can't make virtual environments. On Debian: apt-get install {package}")
    say(f"installing {package}")
    subprocess.run(["apt-get", "-qq", "update"], check=True)
    subprocess.run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", package], check=True)


def pip_install() -> None:
    """Installs the lock, showing how far it is; on failure ends with pip's own words.

    Without looking for dependencies: the lock is complete, and requirements-dev.overrides knows better than some of them.
    """
    wanted = sum("==" in line for line in LOCK.read_text().splitlines())
    command = [str(VENV / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes"]
    command += ["--no-deps", "--progress-bar", "off", "-r", str(LOCK)]
    output: list[str] = []
    collected = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None  # noqa: S101 - it is a pipe
        for line in pip.stdout:
            output.append(line)
            if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
                collected += 1
                if collected % 20 == 0:
                    say(f"  {collected} of {wanted} packages")
            elif line.startswith("Installing collected packages"):
                say("  unpacking")
    if pip.returncode != 0:
        sys.stdout.writelines(output[-15:])
        sys.exit("patchbay: the packages of requirements-dev.lock could not be installed (pip's words are above)")


def ensure_environment() -> None:
    """Does nothing when this lock was already installed for this Python."""
    python = f"Python {sys.version_info[0]}.{sys.version_info[1]}\n"
    stamp = python + hashlib.sha256(LOCK.read_bytes()).hexdigest()
    installed = STAMP.read_text() if STAMP.is_file() and (VENV / "bin/python").exists() else ""
    if installed == stamp:
        return
    if not installed.startswith(python):
        ensure_ensurepip()
        say("making .venv")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    say("installing packages (once; a minute or two)")
    pip_install()
    STAMP.write_text(stamp)
    say("packages are ready")


def main() -> None:
    check_python()
    try:
        ensure_environment()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"patchbay: .venv could not be set up: {error}")
    except KeyboardInterrupt:
        sys.exit("patchbay: stopped; the next run starts over")
    if len(sys.argv) > 1:
        python = str(VENV / "bin/python")
        os.chdir(ROOT)
        os.execv(python, [python, "-m", "launch", *sys.argv[1:]])  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main()
