"""`python -m benchmarks [--quick] [--rounds N]`: measures the three arms and prints the report."""

import argparse
import gc
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.arms import ARMS, Environment
from benchmarks.load import Feed
from benchmarks.report import Results, Round, markdown
from benchmarks.stores import stores
from benchmarks.trial import Trial, prepared

FIRST_GUESS = {"floor": 1500.0, "ours": 1500.0, "naive": 100.0}
COARSE, FINE = 1.5, 1.12


@dataclass(frozen=True)
class Effort:
    """How much time to spend."""

    rounds: int
    probe_seconds: float
    precision: float
    sockets: int


WHOLE = Effort(rounds=3, probe_seconds=4.0, precision=1.06, sockets=2000)
QUICK = Effort(rounds=1, probe_seconds=1.0, precision=1.2, sockets=500)

Prepared = dict[str, tuple[str, tuple[Feed, Feed]]]


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


class Benchmark:
    """The plan: find the floor's capacity roughly, then rounds of all arms in rotating order, on fresh databases."""

    def __init__(self, store: Environment, prepared_arms: Prepared, effort: Effort) -> None:
        self.store = store
        self.prepared = prepared_arms
        self.effort = effort
        self.capacity = dict(FIRST_GUESS)
        self.results = Results(faults={arm.name: Counter() for arm in ARMS})

    @contextmanager
    def _trial(self, name: str, seed: int) -> Iterator[Trial]:
        arm = next(arm for arm in ARMS if arm.name == name)
        template, feeds = self.prepared[name]
        trial = Trial(arm, self.store, template, feeds, seed, self.effort.probe_seconds, self.effort.precision)
        try:
            yield trial
        finally:
            trial.close()
            self.results.faults[name] += trial.faults

    def calibrate(self) -> None:
        """Finds the rate at which the arms' latencies are compared."""
        with self._trial("floor", seed=0) as trial:
            self.capacity["floor"] = trial.capacity(self.capacity["floor"], COARSE)
        self.half_floor = self.capacity["floor"] / 2
        say(f"half the floor's capacity is about {self.half_floor:,.0f} events/s")

    def round(self, number: int, *, last: bool) -> None:
        """Every arm once; the last round also weighs idle sockets."""
        measured: dict[str, Round] = {}
        for arm in ARMS[number % len(ARMS) :] + ARMS[: number % len(ARMS)]:
            with self._trial(arm.name, seed=1000 * (number + 1)) as trial:
                at_half_floor = trial.latency(self.half_floor, self.effort.probe_seconds)
                capacity = trial.capacity(self.capacity[arm.name], FINE if number else COARSE)
                at_half_own = trial.latency(capacity / 2, self.effort.probe_seconds)
                if last:
                    self.results.idle_kb[arm.name] = trial.idle_socket_kb(self.effort.sockets)
            self.capacity[arm.name] = capacity
            measured[arm.name] = Round(capacity, at_half_floor, at_half_own)
            say(f"round {number + 1}, {arm.name}: {measured[arm.name]}")
        self.results.rounds.append({arm.name: measured[arm.name] for arm in ARMS})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round: shows that it works, not how fast it is")
    parser.add_argument("--rounds", type=int, help="default 3, or 1 with --quick")
    return parser.parse_args()


def main() -> int:
    """Exit status 1 when the run is void."""
    arguments = _arguments()
    effort = QUICK if arguments.quick else WHOLE
    rounds = arguments.rounds or effort.rounds
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))  # a file descriptor for each idle socket
    gc.disable()  # a pause of the generator's would look like one of the server's
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # by way of everything that has to be ended
    with ExitStack() as stack:
        store = stack.enter_context(stores())
        say("preparing databases")
        prepared_arms = {arm.name: stack.enter_context(prepared(arm, store)) for arm in ARMS}
        benchmark = Benchmark(store, prepared_arms, effort)
        benchmark.calibrate()
        for number in range(rounds):
            benchmark.round(number, last=number == rounds - 1)
    print(markdown(benchmark.results))
    return int(benchmark.results.void)


if __name__ == "__main__":
    sys.exit(main())
