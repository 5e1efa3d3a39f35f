"""`python -m launch serve|demo|test|check`; the Makefile calls it by way of bootstrap.py."""

import argparse
import signal
import sys
from types import FrameType

from launch.console import LaunchError
from launch.processes import Terminated
from launch.serve import Options, serve
from launch.testing import check, test


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """What `test` doesn't know is pytest's."""
    parser = argparse.ArgumentParser(prog="python -m launch", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("serve", "demo"):
        command = commands.add_parser(name)
        command.add_argument("--host", default="127.0.0.1")
        command.add_argument("--port", type=int, default=8000)
    command.add_argument("--sandbox-port", type=int, default=9100)
    commands.add_parser("test", add_help=False)
    commands.add_parser("check")
    known, others = parser.parse_known_args(arguments)
    if others and known.command != "test":
        parser.error(f"unknown: {' '.join(others)}")
    return known, others


def run(arguments: argparse.Namespace, others: list[str]) -> int:
    match arguments.command:
        case "serve":
            serve(Options(arguments.host, arguments.port))
        case "demo":
            serve(Options(arguments.host, arguments.port, arguments.sandbox_port))
        case "test":
            return test(others)
        case "check":
            return check()
    return 0


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def main() -> int:
    signal.signal(signal.SIGTERM, interrupt)
    try:
        return run(*parse(sys.argv[1:]))
    except LaunchError as error:
        print(f"patchbay: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("patchbay: stopped", file=sys.stderr)
        return 0 if sys.argv[1] in {"serve", "demo"} else 130  # stopping a server is how it ends well


if __name__ == "__main__":
    sys.exit(main())
