"""`make serve` and `make demo`: everything, in the foreground, until Ctrl-C or SIGTERM."""

import errno
import os
import resource
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from launch.console import LaunchError, say
from launch.embedded import Services, is_given
from launch.environment import LOOPBACK, ROOT, child_environment, default_home, made_values
from launch.home import Home, try_port
from launch.processes import Program, run_in_foreground
from launch.supervisor import Supervisor

MOST_SOCKETS = 65_536


@dataclass(frozen=True)
class Options:
    """Where to listen. With `sandbox_port` the emulated vendors run beside, and the demo data is made."""

    host: str
    port: int
    sandbox_port: int | None = None


def serve(options: Options) -> None:
    """Runs until KeyboardInterrupt; raises LaunchError when something can't run."""
    home = default_home(os.environ)
    _allow_many_sockets()
    with home.locked(), Supervisor() as supervisor:
        check_port(options.port, options.host, "PORT")
        if options.sandbox_port is not None:
            check_port(options.sandbox_port, "127.0.0.1", "SANDBOX_PORT")
        services = Services(home, os.environ)
        services.start(supervisor)
        environment = _environment(home, services, options)
        say("preparing the database and the static files")
        _manage(environment, "migrate", "--noinput", "--verbosity", "0")
        _manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        supervisor.start(*_programs(options, home, environment))
        supervisor.wait_until(lambda: _is_ready(options), "the web process is ready")
        if options.sandbox_port is not None:
            _seed(options.sandbox_port, supervisor, environment)
        _say_where(options, environment)
        supervisor.watch()


def _allow_many_sockets() -> None:
    """Every WebSocket is an open file, and the usual soft limit is 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_SOCKETS if hard == resource.RLIM_INFINITY else min(hard, MOST_SOCKETS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def check_port(port: int, host: str, option: str) -> None:
    """Raises LaunchError that names the option when the port can't be had."""
    try:
        try_port(port, host)
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"can't be used ({error.strerror})"
        raise LaunchError(f"port {port} on {host} {why}; choose another one: {option}={port + 1}") from error


def _environment(home: Home, services: Services, options: Options) -> dict[str, str]:
    values = made_values(home, services, f"http://localhost:{options.port}", os.environ)
    if options.sandbox_port is not None and not is_given("PATCHBAY_ALLOWED_PRIVATE_NETWORKS", os.environ):
        values["PATCHBAY_ALLOWED_PRIVATE_NETWORKS"] = LOOPBACK  # the sandbox PBX is on this machine
    home.write_env(values)
    return child_environment(home, values)


def _programs(options: Options, home: Home, environment: Mapping[str, str]) -> list[Program]:
    python = [sys.executable, "-m"]
    web = [*python, "uvicorn", "config.asgi:application", "--http", "config.http:Protocol"]
    web += ["--host", options.host, "--port", str(options.port)]
    web += ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--timeout-graceful-shutdown", "5"]
    web += ["--ws-max-size", "65536"]  # clients send short commands; the default would let anybody send 16 MB
    web += ["--no-server-header", "--no-access-log"]  # the path of a hook is a secret
    celery = [*python, "celery", "--app", "config", "--quiet"]
    programs = [
        Program("web", web, environment),
        Program("worker", [*celery, "worker", "--loglevel", "INFO", "--concurrency", "2"], environment),
        Program("streams", [sys.executable, str(ROOT / "manage.py"), "run_streams"], environment),
        Program("beat", [*celery, "beat", "--schedule", str(home.path / "beat-schedule"), "--pidfile="], environment),
    ]
    if options.sandbox_port is not None:
        programs.append(Program("sandbox", [*python, "sandbox", "--port", str(options.sandbox_port)], environment))
    return programs


def _manage(environment: Mapping[str, str], *arguments: str) -> None:
    """Runs a management command in the foreground; it says itself what is wrong."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    if run_in_foreground(command, environment, ROOT) != 0:
        raise LaunchError(f"`manage.py {arguments[0]}` failed (its words are above)")


def _seed(sandbox_port: int, supervisor: Supervisor, environment: Mapping[str, str]) -> None:
    supervisor.wait_until(lambda: _answers("127.0.0.1", sandbox_port, "/"), "the sandbox answers")
    say("making the demo data")
    _manage(environment, "seed_demo", "--sandbox-url", _sandbox_url(sandbox_port))


def _is_ready(options: Options) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104 - compared, not bound
    return _answers(host, options.port, "/readyz")


def _answers(host: str, port: int, path: str) -> bool:
    """Whether a GET gives 200."""
    with closing(HTTPConnection(host, port, timeout=2)) as connection:
        try:
            connection.request("GET", path, headers={"Host": "localhost"})  # allowed whatever the public name
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False


def _sandbox_url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _say_where(options: Options, environment: Mapping[str, str]) -> None:
    url = environment.get("PATCHBAY_PUBLIC_URL", f"http://localhost:{options.port}")
    say(f"Patchbay is ready: {url}")
    say(f"  API documentation: {url}/api/docs")
    if options.sandbox_port is not None:
        say(f"  sandbox PBX, to make calls arrive: {_sandbox_url(options.sandbox_port)}")
    else:
        say(
            "  first tenant: .venv/bin/python manage.py create_tenant --name … --slug … --admin-email … --admin-password …"
        )
    say("  Ctrl-C stops everything")
