"""Finds the programs that services need, and installs what is missing on Debian."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from processes import ToolError

PACKAGES = {
    "postgresql": ["postgresql", "postgresql-client"],
    "redis": ["redis-server"],
    "rabbitmq": ["rabbitmq-server"],
    "chromium": ["chromium", "fonts-dejavu-core"],
    "varnish": ["varnish", "varnish-modules"],
    # For Elasticsearch, which Debian does not have: its jars, and what joins them to a server.
    "java": ["default-jdk-headless"],
    "maven": ["maven"],
}


# Debian keeps servers in a folder that is not on everyone's path.
_SYSTEM_PATH = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"


def say(message: str) -> None:
    print(f"services: {message}", file=sys.stderr, flush=True)


def find_postgresql() -> Path | None:
    """The newest server's bin folder; Debian keeps one per major version, off the path."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    versions = [folder for folder in folders if (folder / "initdb").exists()]
    if versions:
        return max(versions, key=lambda folder: int(folder.parent.name))
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def find_redis() -> str | None:
    return shutil.which("redis-server")


def find_rabbitmq() -> Path | None:
    """The folder of the server's own scripts; those on the path change the user and the place."""
    folders = Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin")
    return max(
        (folder for folder in folders if (folder / "rabbitmq-server").exists()), default=None
    )


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def find_varnish() -> str | None:
    """The server, if its module for purges by tag is there too."""
    module = next(Path("/usr/lib").glob("**/varnish/vmods/libvmod_xkey.so"), None)
    return shutil.which("varnishd", path=_SYSTEM_PATH) if module else None


def find_java() -> str | None:
    """The runtime, if the compiler is there too."""
    return shutil.which("java") if shutil.which("javac") else None


def find_maven() -> str | None:
    return shutil.which("mvn")


FINDERS: dict[str, Callable[[], Path | str | None]] = {
    "postgresql": find_postgresql,
    "redis": find_redis,
    "rabbitmq": find_rabbitmq,
    "chromium": find_chromium,
    "varnish": find_varnish,
    "java": find_java,
    "maven": find_maven,
}


@contextlib.contextmanager
def no_automatic_start() -> Iterator[None]:
    """Keeps Debian's packages from starting their own servers; leaves a machine's own policy be."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def run_apt(*arguments: str) -> None:
    command = ["apt-get", *arguments]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ToolError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")


def install_missing() -> None:
    """Installs by apt what is not there; raises with the command to type when not root."""
    missing = [name for name, find in FINDERS.items() if not find()]
    if not missing:
        return
    packages = [package for name in missing for package in PACKAGES[name]]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ToolError(
            f"{', '.join(missing)} missing. On Debian or Ubuntu:"
            f" sudo apt-get install {' '.join(packages)}"
        )
    say(f"installing {' '.join(packages)} (once, one to three minutes)")
    with no_automatic_start():
        run_apt("update")
        run_apt("install", "-y", "--no-install-recommends", *packages)
