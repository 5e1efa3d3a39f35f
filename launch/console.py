"""What the person in front of the terminal reads."""

import sys
import threading

COLOURS = {"web": 36, "worker": 35, "beat": 33, "streams": 31, "sandbox": 32, "postgres": 34, "valkey": 34}

_one_line_at_a_time = threading.Lock()


class LaunchError(Exception):
    """Something that the person can mend; its text says what and how."""


def say(line: str) -> None:
    write_line("patchbay", line)


def write_line(source: str, line: str) -> None:
    """Prints a line under its source's name, coloured on a terminal."""
    label = f"{source:>8} |" if source != "patchbay" else "patchbay:"
    if sys.stdout.isatty():
        label = f"\033[{COLOURS.get(source, 1)}m{label}\033[0m"
    with _one_line_at_a_time:
        sys.stdout.write(f"{label} {line}\n")
        sys.stdout.flush()
