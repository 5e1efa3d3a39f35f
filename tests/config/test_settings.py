import json
import os
import subprocess
import sys

from tests.servers import ROOT


def allowed_hosts(**environment: str) -> list[str]:
    """ALLOWED_HOSTS of a process with this environment."""
    program = "import json; from config import settings; print(json.dumps(settings.ALLOWED_HOSTS))"
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True)
    hosts: list[str] = json.loads(found.stdout)
    return hosts


def test_probes_on_loopback_are_let_in_whatever_the_public_name() -> None:
    loopback = ["localhost", "127.0.0.1", "[::1]"]
    public = {"PATCHBAY_PUBLIC_URL": "https://cti.example.com"}
    assert allowed_hosts(**public) == ["cti.example.com", *loopback]
    assert allowed_hosts(**public, ALLOWED_HOSTS="a.example.com, b.example.com") == [
        "a.example.com",
        "b.example.com",
        *loopback,
    ]
