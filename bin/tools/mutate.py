"""Mutation testing: puts small faults into the code, one by one, and asks which tests notice.

    bin/mutate                              delivery, outbox and search, 150 faults of each
    bin/mutate outbox/claiming.py           the faults of one file
    bin/mutate search --sample 400 --seed 7

First it notes which test reaches which line, on PostgreSQL and on SQLite (some minutes; kept until
the code changes). Then each fault goes into a copy of the tree, and the tests that reach its line
run, the quick ones first, until one fails. A test that also fails without the fault counts for
nothing. What no test noticed is printed, with the change, and written to var/mutation/.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from coverage import CoverageData
from mutants import FileMutants, Mutant, choose, core_files
from tqdm import tqdm

ROOT: Final = Path(__file__).resolve().parents[2]
HOME: Final = Path(os.environ.get("GALLEY_VAR", ROOT / "var")) / "mutation"
PACKAGES: Final = ("delivery", "outbox", "search")
TESTS: Final = (
    *(
        f"tests/{name}"
        for name in ("api", "delivery", "outbox", "search", "site_config", "webhooks")
    ),
    *("tests/cms", "--ignore=tests/cms/importing"),
)
DATABASES: Final = ("postgresql", "sqlite")
MOST_TESTS: Final = 150
MOST_SECONDS: Final = 40.0
"""Of tests that one fault is shown to, as they took when nothing was wrong."""
PATIENCE_SECONDS: Final = 180
"""A fault that makes the tests take longer is noticed."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which tests reach which line, and how long each takes."""

    database: str
    tests: dict[tuple[str, int], frozenset[str]]
    seconds: dict[str, float]

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Those to run for this fault, in order; none where no test comes there."""
        found = self._reaching(mutant.file, mutant.first_line, mutant.last_line)
        # The default of a parameter is on a line that no call comes to.
        found = found or self._reaching(mutant.file, *mutant.function_lines)
        left = MOST_SECONDS
        chosen: list[str] = []
        for test in sorted(found, key=lambda name: (self.seconds.get(name, 0.0), name)):
            left -= self.seconds.get(test, 0.0)
            if chosen and (left < 0 or len(chosen) == MOST_TESTS):
                break
            chosen.append(test)
        return chosen

    def _reaching(self, file: str, first: int, last: int) -> frozenset[str]:
        return frozenset().union(
            *(self.tests.get((file, line), ()) for line in range(first, last + 1))
        )


@dataclass(slots=True)
class Result:
    """What became of one fault: killed, survived, timeout or unreached."""

    file: str
    line: int
    diff: str
    outcome: str
    database: str = ""
    test: str = ""


class Copy:
    """A tree of its own with databases of its own, in which faults are put."""

    def __init__(self, number: int) -> None:
        self.folder = HOME / f"copy{number}"
        self._number = number
        self._sound: dict[tuple[str, ...], bool] = {}
        shutil.rmtree(self.folder, ignore_errors=True)
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT, capture_output=True, check=True, text=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.split("\0")):
            if not (ROOT / name).is_file():
                continue
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        for name in (".venv", "var"):  # where the services tell of themselves
            (self.folder / name).symlink_to(ROOT / name)
        subprocess.run(["git", "init", "--quiet"], cwd=self.folder, check=True)

    def environment(self, database: str) -> dict[str, str]:
        """Services as under `bin/test`, with names of this copy's own on them."""
        found = {**os.environ, "PYTEST_XDIST_WORKER": f"gw{self._number}"}
        found["PYTHONDONTWRITEBYTECODE"] = ""
        found.pop("DATABASE_URL", None)
        if database == "postgresql":
            server = os.environ["TEST_DATABASE_URL"].rpartition("/")[0]
            found["DATABASE_URL"] = f"{server}/mutation{self._number}"
        return found

    def run(self, database: str, tests: list[str]) -> tuple[int, str]:
        """The exit status of pytest, -1 when it took too long; and the first test that failed."""
        command = [
            sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "--no-header",
            "-p", "no:randomly", "-p", "no:cacheprovider", *tests,
        ]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.environment(database), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return -1, ""
        failed = re.search(r"^(?:FAILED|ERROR) (\S+::.+?)(?: - |$)", said, re.MULTILINE)
        return process.returncode, failed.group(1) if failed else ""

    def put(self, file: str, source: str) -> None:
        """Writes the file, and forgets what Python compiled of it."""
        path = self.folder / file
        path.write_text(source, encoding="utf-8")
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()

    def judge(self, mutant: Mutant, reach: Reach, tests: list[str]) -> Result:
        """Runs the tests with the fault in place; leaves the copy as it was."""
        result = Result(mutant.file, mutant.first_line, mutant.diff, "survived", reach.database)
        sound_source = (self.folder / mutant.file).read_text(encoding="utf-8")
        while tests:
            self.put(mutant.file, mutant.source)
            try:
                status, result.test = self.run(reach.database, tests)
            finally:
                self.put(mutant.file, sound_source)
            if status == 0:
                break
            noticed = [result.test] if result.test in tests else tests
            if self._is_sound(reach.database, noticed):
                result.outcome = "timeout" if status == -1 else "killed"
                break
            tests = [test for test in tests if test not in noticed]
        return result

    def _is_sound(self, database: str, tests: list[str]) -> bool:
        """Whether they pass without any fault."""
        key = (database, *tests)
        if key not in self._sound:
            self._sound[key] = self.run(database, tests)[0] == 0
        return self._sound[key]


def measure_reach(copy: Copy, database: str, tests: list[str]) -> Reach:
    """Reads, or makes, the map from lines to tests on this database."""
    data, said = HOME / f"reach-{database}", HOME / f"tests-{database}.txt"
    newest = max(
        path.stat().st_mtime for top in (*PACKAGES, "tests") for path in (ROOT / top).rglob("*.py")
    )
    if not data.exists() or data.stat().st_mtime < newest:
        settings = HOME / "coveragerc"
        packages = "".join(f"\n    {name}" for name in PACKAGES)
        settings.write_text(f"[run]\nrelative_files = true\nsource ={packages}\n")
        command = [
            sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "--durations=0",
            "--cov", "-vv", f"--cov-config={settings}", "--cov-context=test", "--cov-report=",
            "-W", "ignore::coverage.exceptions.CoverageWarning", "-m", "not slow and not chromium", *tests,
        ]  # fmt: skip
        environment = copy.environment(database) | {"COVERAGE_FILE": str(data)}
        environment.pop("PYTEST_XDIST_WORKER")
        print(f"Which tests reach which line, on {database}: see {said}", flush=True)
        with said.open("w") as output:
            subprocess.run(
                command, cwd=copy.folder, env=environment, stdout=output, stderr=output, check=False
            )
    return read_reach(database, data, said.read_text())


def read_reach(database: str, data: Path, said: str) -> Reach:
    """From coverage's contexts and pytest's table of durations."""
    reach: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    found = CoverageData(str(data))
    found.read()
    for file in found.measured_files():
        for line, contexts in found.contexts_by_lineno(file).items():
            reach[file, line] |= {name.rpartition("|")[0] for name in contexts if "|" in name}
    failed = set(re.findall(r"^(?:FAILED|ERROR) (\S+::.+?)(?: - |$)", said, re.MULTILINE))
    seconds: Counter[str] = Counter()
    for took, test in re.findall(r"^([\d.]+)s (?:call|setup|teardown) +(.+)$", said, re.MULTILINE):
        seconds[test] += float(took)  # type: ignore[assignment]
    return Reach(
        database,
        {place: frozenset(tests - failed) for place, tests in reach.items()},
        dict(seconds),
    )


def judge_all(
    mutants: list[Mutant], reaches: list[Reach], copies: list[Copy], title: str
) -> list[Result]:
    """With one copy per worker; a progress bar counts."""
    free: queue.Queue[Copy] = queue.Queue()
    for copy in copies:
        free.put(copy)

    def judge(mutant: Mutant) -> Result:
        for reach in reaches:
            tests = reach.tests_of(mutant)
            if not tests:
                continue
            copy = free.get()
            try:
                return copy.judge(mutant, reach, tests)
            finally:
                free.put(copy)
        return Result(mutant.file, mutant.first_line, mutant.diff, "unreached")

    results: list[Result] = []
    with ThreadPoolExecutor(len(copies)) as pool, tqdm(total=len(mutants), desc=title) as bar:
        for done in as_completed([pool.submit(judge, mutant) for mutant in mutants]):
            results.append(done.result())
            with (HOME / f"{title}.jsonl").open("a") as log:
                log.write(json.dumps(asdict(results[-1])) + "\n")
            bar.update()
    return sorted(results, key=lambda result: (result.file, result.line))


def report(package: str, possible: int, results: list[Result]) -> str:
    """One line of the table; what survived goes to the terminal."""
    for result in results:
        if result.outcome in ("survived", "unreached"):
            print(f"\n{result.outcome}: {result.file}:{result.line}\n{result.diff}")
    counts = Counter(result.outcome for result in results)
    noticed = counts["killed"] + counts["timeout"]
    share = 100 * noticed / max(1, len(results))
    return (
        f"{package:12} {possible:6} possible, {len(results):4} tried: {noticed:4} noticed "
        f"({counts['timeout']} by time), {counts['survived']} survived, "
        f"{counts['unreached']} unreached: {share:.1f} %"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", default=PACKAGES, help="packages or files")
    parser.add_argument("--sample", type=int, default=150, help="faults of each target (150)")
    parser.add_argument("--seed", type=int, default=1, help="which faults are chosen (1)")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="where to look for tests")
    options = parser.parse_args()
    HOME.mkdir(parents=True, exist_ok=True)
    copies = [Copy(0), Copy(1)]
    reaches = [measure_reach(copies[0], name, list(options.tests)) for name in DATABASES]
    lines: list[str] = []
    for target in options.targets:
        title = f"{target.replace('/', '.')}-{options.seed}"
        (HOME / f"{title}.jsonl").unlink(missing_ok=True)
        folder = copies[0].folder  # what is edited meanwhile is left for the next time
        files = [FileMutants(folder, file) for file in core_files(folder, [target])]
        mutants = choose(files, options.sample, options.seed)
        results = judge_all(mutants, reaches, copies, title)
        lines.append(report(target, sum(map(len, files)), results))
        (HOME / f"{title}.txt").write_text(lines[-1] + "\n")
    print("\n" + "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
