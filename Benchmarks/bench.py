"""Runs holdfast and its peers in turn and prints what each took; run.sh says how to call it."""
import argparse
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from compare import compare

PEERS = pathlib.Path(__file__).resolve().parent / "peers"
HOLDFAST = "holdfast"


@dataclass
class Cost:
    wall_s: float
    cpu_s: float
    rss_max_mib: float
    anonymous_max_mib: float

    def row(self, name, peer_wall_s):
        ratio = f"{peer_wall_s / self.wall_s:8.2f} x" if peer_wall_s else ""
        return (
            f"  {name:<10}{self.wall_s:9.2f} s{self.cpu_s:9.2f} s{self.rss_max_mib:9.0f} MiB{self.anonymous_max_mib:9.0f} MiB{ratio}")


HEADER = f"  {'':<10}{'wall':>11}{'CPU':>11}{'peak RSS':>13}{'anonymous':>13}  fastest peer's wall / own"


def watch_anonymous(pid, stop, peak_kib):
    """Memory that is not a mapped file, looked at 50 times a second: a short peak can be missed. Linux only."""
    while not stop.wait(0.02):
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        for line in status.splitlines():
            if line.startswith("RssAnon:"):
                peak_kib[0] = max(peak_kib[0], int(line.split()[1]))


def measure(name, command, log):
    """One process from start to end. CPU and peak RSS are the kernel's count."""
    os.sync()
    with open(log, "wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output)
        stop, peak_kib = threading.Event(), [0]
        watcher = threading.Thread(target=watch_anonymous, args=(process.pid, stop, peak_kib))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        stop.set()
        watcher.join()
    if process.returncode != 0:
        tail = pathlib.Path(log).read_text(errors="replace").splitlines()[-15:]
        sys.exit(f"{name} ended with {process.returncode}:\n  " + "\n  ".join(tail) + f"\n  command: {' '.join(map(str, command))}")
    rss_unit = 1 << 20 if platform.system() == "Darwin" else 1 << 10
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / rss_unit, peak_kib[0] / 1024)


def run_quietly(command, log):
    measure(str(command[0]), command, log)


def holdfast_run(options, state, database, dumps):
    command = [options.holdfast, "run", options.pipeline, "--state", state, "--database", database, "--quiet"]
    return command + [part for path in dumps for part in ("--dumps", path)]


def python(script, *arguments):
    return [sys.executable, PEERS / script, *arguments]


def remove_database(path):
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def copy(source, target):
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


class Full:
    """From dumps to SQLite, with nothing there before."""

    def __init__(self, options, dumps):
        out = options.out
        pattern = f"{options.data}/*.csv.gz"
        self.state = out / "state"
        self.databases = {name: out / f"{name}.sqlite" for name in (HOLDFAST, "duckdb", "chdb", "polars")}
        self.commands = {HOLDFAST: holdfast_run(options, self.state, self.databases[HOLDFAST], dumps)}
        for name in ("duckdb", "chdb", "polars"):
            self.commands[name] = python(f"{name}_full.py", pattern, self.databases[name])

    def prepare(self, name):
        remove_database(self.databases[name])
        if name == HOLDFAST:
            shutil.rmtree(self.state, ignore_errors=True)


class Night:
    """The last dump on those before it, which are loaded once and copied for each round."""

    def __init__(self, options, dumps):
        if len(dumps) < 2:
            sys.exit("night mode needs two dumps or more")
        self.out = options.out
        self.databases = {HOLDFAST: self.out / "now" / "holdfast.sqlite", "duckdb": self.out / "duckdb.sqlite"}
        loaded, work = self.out / "loaded", self.out / "now"
        shutil.rmtree(loaded, ignore_errors=True)
        loaded.mkdir(parents=True)
        first = self.out / "first-dumps"
        shutil.rmtree(first, ignore_errors=True)
        first.mkdir()
        for path in dumps[:-1]:
            (first / path.name).symlink_to(path)
        print(f"loading {len(dumps) - 1} dumps", file=sys.stderr)
        run_quietly(holdfast_run(options, loaded / "state", loaded / "holdfast.sqlite", dumps[:-1]), self.out / "load-holdfast.log")
        run_quietly(python("duckdb_night.py", "load", f"{first}/*.csv.gz", loaded / "store.duckdb"), self.out / "load-duckdb.log")
        self.commands = {
            HOLDFAST: holdfast_run(options, work / "state", self.databases[HOLDFAST], dumps),
            "duckdb": python("duckdb_night.py", "append", dumps[-1], work / "store.duckdb", self.databases["duckdb"]),
        }

    def prepare(self, name):
        copy(self.out / "loaded", self.out / f"now-{name}")
        shutil.rmtree(self.out / "now", ignore_errors=True)
        (self.out / f"now-{name}").rename(self.out / "now")

    def keep(self, name):
        if name == HOLDFAST:
            shutil.copy(self.databases[name], self.out / "holdfast.sqlite")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=["full", "night"])
    for option in ("holdfast", "pipeline", "data", "out"):
        parser.add_argument(f"--{option}", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    options.data = options.data.resolve()
    dumps = sorted(options.data.glob("*.csv.gz"))
    job = Full(options, dumps) if options.mode == "full" else Night(options, dumps)
    ratios = run_rounds(job, options)
    print(f"\nfastest peer's wall / holdfast's, in the same round: {min(ratios):.2f} to {max(ratios):.2f}")
    print("\nresults, cell by cell")
    databases = dict(job.databases)
    if options.mode == "night":
        databases[HOLDFAST] = options.out / "holdfast.sqlite"
    peers = {name: path for name, path in databases.items() if name != HOLDFAST}
    if compare(databases[HOLDFAST], peers) > 0:
        sys.exit(1)


def run_rounds(job, options):
    """Prints each round; returns the ratio of each. Each begins with another tool, so that none always follows the same one."""
    names = list(job.commands)
    ratios = []
    for number in range(options.rounds):
        costs = {}
        for name in names[number % len(names):] + names[:number % len(names)]:
            job.prepare(name)
            # What was copied, or left unwritten by the tool before, is not written at the cost of the one that waits for the disk.
            os.sync()
            costs[name] = measure(name, job.commands[name], options.out / f"{name}.log")
            if isinstance(job, Night):
                job.keep(name)
        peer_wall_s = min(cost.wall_s for name, cost in costs.items() if name != HOLDFAST)
        print(f"\nround {number + 1} of {options.rounds}\n{HEADER}")
        for name in names:
            print(costs[name].row(name, peer_wall_s), flush=True)
        ratios.append(peer_wall_s / costs[HOLDFAST].wall_s)
    return ratios


if __name__ == "__main__":
    main()
