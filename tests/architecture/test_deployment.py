"""compose.yaml, the Dockerfile and the entry point speak of the same parts."""

import re
from typing import Any

import pytest
import yaml

from tests.architecture.layers import ROOT, packages

pytestmark = pytest.mark.once

ROLES = ["admin", "api", "worker", "scheduler", "relay"]
SERVICES = ["postgresql", "redis", "rabbitmq", "elasticsearch", "s3"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def test_every_role_and_service_is_composed(compose: dict[str, Any]) -> None:
    assert list(compose["services"]) == ["migrate", *ROLES, *SERVICES]
    commands = {name: compose["services"][name]["command"] for name in ROLES}
    assert commands == {name: [name] for name in ROLES}


def test_services_say_when_they_are_ready(compose: dict[str, Any]) -> None:
    assert [name for name in SERVICES if not compose["services"][name]["healthcheck"]["test"]] == []


def test_what_a_part_waits_for_exists(compose: dict[str, Any]) -> None:
    services = compose["services"]
    awaited = {name for part in services.values() for name in part.get("depends_on", {})}
    assert awaited - set(services) == set()


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    text = (ROOT / "compose.yaml").read_text()
    secrets = set(re.findall(r"\$\{(\w*(?:SECRET|PASSWORD)\w*)", text))
    assert secrets == {
        "POSTGRES_PASSWORD",
        "RABBITMQ_PASSWORD",
        "S3_SECRET_ACCESS_KEY",
        "SECRET_KEY",
    }
    assert all(f"${{{name}:-" not in text for name in secrets)
    example = (ROOT / ".env.example").read_text()
    assert all(re.search(rf"^{name}=", example, re.MULTILINE) for name in secrets)


def test_images_are_pinned_to_a_version(compose: dict[str, Any]) -> None:
    images = [part["image"] for part in compose["services"].values()]
    assert [image for image in images if ":" not in image or image.endswith(":latest")] == []


def test_the_image_holds_every_package_and_runs_as_nobody() -> None:
    kept = (ROOT / ".dockerignore").read_text().splitlines()
    assert [name for name in packages() if f"!{name}" not in kept] == []
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["10001:10001"]


def test_the_entry_point_starts_every_role() -> None:
    script = (ROOT / "bin" / "entrypoint").read_text()
    cases = re.findall(r"^  ([a-z |]+)\)$", script, re.MULTILINE)
    started = {role.strip() for case in cases for role in case.split("|")}
    assert started == {*ROLES, "manage"}
