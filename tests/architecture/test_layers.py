"""What the import linter cannot see: string references, new packages, signals, names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from tests.architecture.layers import ROOT, contracts, layer_of, modules, packages

pytestmark = pytest.mark.once

SIGNAL_MODULES = {"cms/signal_handlers.py", "media/signal_handlers.py"}
# Where the handlers are connected.
SIGNAL_MODULES |= {"cms/apps.py", "media/apps.py"}
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "misc", "events", "platform"}


def related_models(model: type[Model]) -> Iterator[tuple[str, type[Model]]]:
    for field in model._meta.get_fields(include_hidden=False):
        target = field.related_model
        if field.concrete and isinstance(target, type):
            yield field.name, target


def test_foreign_keys_point_down() -> None:
    layers = layer_of()
    upward = [
        f"{model._meta.label}.{name} -> {target._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in layers
        for name, target in related_models(model)
        if target._meta.app_label in layers
        and target._meta.app_label != model._meta.app_label
        and layers[target._meta.app_label] <= layers[model._meta.app_label]
        # Django's own plug point: Wagtail's image and document models point at the user too.
        and target._meta.label != settings.AUTH_USER_MODEL
    ]
    assert upward == []


def test_every_package_is_under_the_linter() -> None:
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert on_disk == set(packages())


def test_every_package_below_the_project_has_a_front_door_contract() -> None:
    sections = set(contracts().sections())
    missing = [
        name
        for name in packages()
        if name != "site_config" and f"importlinter:contract:front_door_{name}" not in sections
    ]
    assert missing == []


@pytest.mark.parametrize("package", [p for p in packages() if p not in {"site_config", "api"}])
def test_the_front_door_only_names_what_others_may_use(package: str) -> None:
    tree = ast.parse((ROOT / package / "interface.py").read_text())
    assert ast.get_docstring(tree)
    logic = [
        ast.unparse(node)
        for node in tree.body[1:]
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
    ]
    assert logic == []


def listens_to_signals(path: Path) -> bool:
    """Whether the module imports `receiver`, or connects to something from a signals module."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    if any(alias.name == "receiver" for node in imports for alias in node.names):
        return True
    knows_signals = any(node.module.endswith(".signals") for node in imports if node.module)
    calls = (node.func for node in nodes if isinstance(node, ast.Call))
    return knows_signals and any(
        isinstance(called, ast.Attribute) and called.attr == "connect" for called in calls
    )


def test_signals_are_heard_only_at_the_border() -> None:
    listeners = {
        path.relative_to(ROOT).as_posix()
        for package in packages()
        for path in modules(package)
        if listens_to_signals(path)
    }
    assert listeners <= SIGNAL_MODULES


@pytest.mark.parametrize(
    ("source", "listens"),
    [
        ("from django.dispatch import receiver", True),
        ("from wagtail.signals import page_published\npage_published.connect(print)", True),
        ("from cms.signals import alias_created\nalias_created.send(None)", False),
        ("database.connect()", False),
    ],
)
def test_listening_is_recognised(tmp_path: Path, source: str, *, listens: bool) -> None:
    module = tmp_path / "module.py"
    module.write_text(source)
    assert listens_to_signals(module) is listens


def test_module_names_say_what_is_inside() -> None:
    empty = [
        path.relative_to(ROOT).as_posix()
        for package in packages()
        for path in modules(package)
        if NAMES_THAT_SAY_NOTHING & {path.stem, path.parent.name}
    ]
    assert empty == []
