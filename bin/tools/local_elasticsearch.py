"""A throw-away Elasticsearch node on loopback, made of the jars that Maven fetches.

There is no package of it for Debian, and its licence does not let us ship it. Run as a program, with
a port and a folder, it becomes such a node, for tests that end and hang one of their own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from processes import HOST, Started, ToolError, free_port, spawn, wait_until
from programs import say

SOURCES = Path(__file__).resolve().parent / "elasticsearch"
BUILDS = Path(__file__).resolve().parents[2] / "var" / "elasticsearch"
MAIN_CLASS = "galley.SearchServer"
# Five on an idle machine, most of them computing.
READY_SECONDS = 90
MEMORY_BYTES = 1024**3
# Short-lived data of a few thousand documents: compiled once, collected by one thread.
JAVA_OPTIONS = ("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def run_tool(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr)[-2000:]
        raise ToolError(f"{command[0]} could not build the search server:\n{said}")


def build_server() -> Path:
    """The folder with `classes` and `classpath`; fetches and compiles once per change."""
    sources = sorted(path for path in SOURCES.rglob("*") if path.is_file())
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    built = BUILDS / digest
    # The jars lie in Maven's own store, which may have been emptied since.
    if built.exists() and all(map(Path.exists, map(Path, class_path(built)))):
        return built
    say("fetching and building Elasticsearch (once, half a minute)")
    BUILDS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILDS) as scratch:
        folder = Path(scratch) / "build"
        (folder / "classes").mkdir(parents=True)
        fetch = ["mvn", "-q", "-B", "--strict-checksums", "-f", str(SOURCES / "pom.xml")]
        run_tool([*fetch, "dependency:build-classpath", f"-Dmdep.outputFile={folder}/jars"], folder)
        jars = (folder / "jars").read_text().strip()
        java = [str(path) for path in sources if path.suffix == ".java"]
        run_tool(["javac", "-proc:none", "-d", "classes", "-cp", jars, *java], folder)
        shutil.copy(SOURCES / "log4j2.properties", folder / "classes")
        shutil.rmtree(built, ignore_errors=True)
        folder.rename(built)
    return built


def class_path(built: Path) -> list[str]:
    return [str(built / "classes"), *(built / "jars").read_text().strip().split(":")]


def is_ready(port: int) -> bool:
    url = f"http://{HOST}:{port}/_cluster/health?wait_for_status=yellow&timeout=1s"
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def server_command(port: int, data: Path, java_options: Sequence[str] = JAVA_OPTIONS) -> list[str]:
    """What to run; builds it first where that has not been done."""
    jars = ":".join(class_path(build_server()))
    command = ["java", *java_options, "-XX:-UsePerfData", "-cp", jars, MAIN_CLASS]
    return [*command, str(port), str(data)]


def data_folder(home: Path) -> Path:
    """An empty folder; in memory where there is room, since each new index waits for the disk."""
    home.mkdir(parents=True, exist_ok=True)
    memory = Path("/dev/shm")  # noqa: S108
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_BYTES
    return Path(tempfile.mkdtemp(prefix="galley-elasticsearch-", dir=memory if has_room else home))


def start_elasticsearch(home: Path) -> Started:
    """Starts an empty node without security."""
    data, log, port = data_folder(home), home / "elasticsearch.log", free_port(23500)
    server = spawn(server_command(port, data), log)
    wait_until(partial(is_ready, port), "Elasticsearch", log, server, READY_SECONDS)
    return Started(server.pid, {"elasticsearch": port}, str(data))


def main() -> None:
    port, data, *java_options = sys.argv[1:]
    command = server_command(int(port), Path(data), java_options or JAVA_OPTIONS)
    os.execvp(command[0], command)  # noqa: S606 — this process becomes the server


if __name__ == "__main__":
    main()
