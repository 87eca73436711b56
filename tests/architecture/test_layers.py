"""What the import linter cannot see: string references, new packages, signals, names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from tests.architecture.layers import ROOT, contracts, layer_of, modules, packages

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


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    plain = (node for node in ast.walk(tree) if isinstance(node, ast.Import))
    return names | {alias.name for node in plain for alias in node.names}


def test_signals_stay_at_the_border() -> None:
    listeners = [
        path.relative_to(ROOT).as_posix()
        for package in packages()
        for path in modules(package)
        if any(
            name == "django.dispatch" or name.endswith((".signals", ".dispatch"))
            for name in imports_of(path)
        )
    ]
    assert set(listeners) <= SIGNAL_MODULES


def test_module_names_say_what_is_inside() -> None:
    empty = [
        path.relative_to(ROOT).as_posix()
        for package in packages()
        for path in modules(package)
        if NAMES_THAT_SAY_NOTHING & {path.stem, path.parent.name}
    ]
    assert empty == []
