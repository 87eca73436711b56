"""A throw-away S3 server on loopback: SeaweedFS, whose wheel is in the development requirements."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from processes import HOST, Started, ToolError, accepts_connections, free_port, spawn, wait_until

ACCESS_KEY = "galley"
# The server listens on loopback and holds throw-away data.
SECRET_KEY = "test-only"  # noqa: S105
REGION = "us-east-1"
PRIVATE_BUCKET, PUBLIC_BUCKET = "galley-private", "galley-renditions"

IDENTITIES = {
    "identities": [
        {
            "name": "galley",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        },
        # Renditions are public; originals and documents answer 403 without a signature.
        {"name": "anonymous", "actions": [f"Read:{PUBLIC_BUCKET}"]},
    ]
}

CREATE_BUCKETS = """
import sys, boto3
url, key, secret, region, *names = sys.argv[1:]
client = boto3.client("s3", endpoint_url=url, aws_access_key_id=key,
                      aws_secret_access_key=secret, region_name=region)
present = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
for name in names:
    if name not in present:
        client.create_bucket(Bucket=name)
    client.put_object(Bucket=name, Key=".ready", Body=b"")
    client.delete_object(Bucket=name, Key=".ready")
"""


def server_command(weed: Path, data: Path, ports: dict[str, int]) -> list[str]:
    command = [str(weed), "-logtostderr=true", "server", f"-dir={data}"]
    command += [f"-ip={HOST}", f"-ip.bind={HOST}"]
    for name, port in ports.items():
        service, _, protocol = name.partition(".")
        command.append(f"-{service}.port{'.' if protocol else ''}{protocol}={port}")
    command += ["-filer", "-s3", f"-s3.config={data / 'identities.json'}", "-s3.iam=false"]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += ["-master.volumeSizeLimitMB=64", "-volume.max=20"]
    # It reports to its makers unless told not to.
    return [*command, "-master.telemetry=false"]


def start_s3(home: Path) -> Started:
    """Starts the server with both buckets."""
    weed, log, data = Path(sys.executable).parent / "weed", home / "s3.log", home / "s3"
    if not weed.exists():
        raise ToolError("the S3 server is missing; run bin/setup --dev")
    data.mkdir(parents=True, exist_ok=True)
    (data / "identities.json").write_text(json.dumps(IDENTITIES))
    ports: dict[str, int] = {}
    listeners = ("s3", "s3.grpc", "master", "master.grpc", "volume", "volume.grpc", "filer")
    for name in (*listeners, "filer.grpc"):
        ports[name] = free_port(max(ports.values(), default=23899) + 1)
    process = spawn(server_command(weed, data, ports), log)
    wait_until(lambda: accepts_connections(ports["s3"]), "the S3 server", log, process)
    url = f"http://{HOST}:{ports['s3']}"
    create = [sys.executable, "-c", CREATE_BUCKETS, url, ACCESS_KEY, SECRET_KEY, REGION]
    create += [PRIVATE_BUCKET, PUBLIC_BUCKET]

    def create_buckets() -> bool:
        # Retried: the gateway listens a moment before its store takes anything.
        return subprocess.run(create, capture_output=True, check=False).returncode == 0

    wait_until(create_buckets, "the S3 server", log, process)
    return Started(process.pid, ports, str(data))
