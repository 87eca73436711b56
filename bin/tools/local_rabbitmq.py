"""A throw-away RabbitMQ node on loopback, with a port mapper (epmd) of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

from processes import (
    HOST,
    Started,
    ToolError,
    accepts_connections,
    birth_mark,
    free_port,
    spawn,
    wait_until,
)
from programs import find_rabbitmq
from service_users import as_user, data_folder

USER = "galley"
# The node listens on loopback and holds throw-away data.
PASSWORD = "test-only"  # noqa: S105
SYSTEM_USER = "rabbitmq"
# A host part that resolves to loopback, so that nothing depends on the machine's own name.
NODE = "galley@localhost"
# Seven on an idle machine, most of them computing.
READY_SECONDS = 90
CONFIGURATION = """\
listeners.tcp.1 = {host}:{port}
default_user = {user}
default_pass = {password}
log.console = true
log.console.level = warning
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 512MB
"""


def node_variables(folder: Path, ports: dict[str, int]) -> dict[str, str]:
    """What server and command-line tools read: all state in `folder`, nothing of the machine's."""
    return {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_BASE": str(folder),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_DIST_PORT": str(ports["rabbitmq.distribution"]),
        "RABBITMQ_CTL_DIST_PORT_MIN": str(ports["rabbitmq.tools"]),
        "RABBITMQ_CTL_DIST_PORT_MAX": str(ports["rabbitmq.tools"] + 20),
        # Its schedulers spin for more work by default, on cores that the others here need too.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none"
        ),
        "RABBITMQ_IO_THREAD_POOL_SIZE": "16",
        # The script becomes the server then, instead of waiting for it as a process between.
        "RABBITMQ_ALLOW_INPUT": "1",
        "ERL_EPMD_ADDRESS": HOST,
        "ERL_EPMD_PORT": str(ports["rabbitmq.mapper"]),
    }


def start_rabbitmq(home: Path) -> Started:
    """Starts a node that has the user and is otherwise empty."""
    binaries, mapper = find_rabbitmq(), shutil.which("epmd")
    if binaries is None or mapper is None:
        raise ToolError("RabbitMQ is missing")
    folder, log = data_folder(home, "rabbitmq", SYSTEM_USER), home / "rabbitmq.log"
    ports: dict[str, int] = {}
    for name in ("rabbitmq", "rabbitmq.mapper", "rabbitmq.distribution", "rabbitmq.tools"):
        ports[name] = free_port(max(ports.values(), default=23671) + 1)
    settings = CONFIGURATION.format(host=HOST, port=ports["rabbitmq"], user=USER, password=PASSWORD)
    (folder / "rabbitmq.conf").write_text(settings)
    (folder / "enabled_plugins").write_text("[].\n")
    variables = node_variables(folder, ports)
    (folder / "variables.json").write_text(json.dumps(variables))
    environment = os.environ | variables
    # First and by hand: one that the node starts by itself would outlive it.
    names = spawn(
        as_user(SYSTEM_USER, [mapper, "-address", HOST, "-port", variables["ERL_EPMD_PORT"]]),
        home / "rabbitmq-mapper.log",
    )
    command = as_user(SYSTEM_USER, [str(binaries / "rabbitmq-server"), "-noinput"])
    server = spawn(command, log, environment, folder)
    try:
        is_ready = partial(accepts_connections, ports["rabbitmq"])
        wait_until(is_ready, "RabbitMQ", log, server, READY_SECONDS)
    except ToolError:
        names.kill()
        raise
    return Started(server.pid, ports, str(folder), {names.pid: birth_mark(names.pid)})


def run_rabbitmqctl(folder: Path, *arguments: str) -> str:
    """What RabbitMQ's own command says of the node whose data lies in `folder`."""
    binaries = find_rabbitmq()
    if binaries is None:
        raise ToolError("RabbitMQ is missing")
    variables = json.loads((folder / "variables.json").read_text())
    done = subprocess.run(
        as_user(SYSTEM_USER, [str(binaries / "rabbitmqctl"), *arguments]),
        env=os.environ | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ToolError(f"rabbitmqctl {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return done.stdout
