"""`__all__` is the real surface of every public module."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

import smartkasa_async
from smartkasa_async import errors, models
from smartkasa_async._generated import structs
from tests.support.processes import finished

_PUBLIC_MODULES = (
    "blocking",
    "client",
    "dlt_source",
    "errors",
    "events",
    "models",
    "operations",
    "pagination",
    "retry",
    "settings",
    "token_stores",
)
_ALL = sorted(pkgutil.walk_packages(smartkasa_async.__path__, "smartkasa_async."), key=lambda module: module.name)
_FACADES = [
    module.name
    for module in _ALL
    if (module.ispkg or module.name.removeprefix("smartkasa_async.") in _PUBLIC_MODULES)
    and not any(part.startswith("_") for part in module.name.split(".")[1:])
]
_INSIDE = [
    module.name
    for module in _ALL
    if module.name not in _FACADES and not module.ispkg and not module.name.startswith("smartkasa_async._generated.")
]


def _module(name: str) -> ModuleType:
    if name.startswith("smartkasa_async.stores"):
        pytest.importorskip("sqlalchemy")
    if name.startswith("smartkasa_async.cli"):
        pytest.importorskip("rich")
    return importlib.import_module(name)


def _defined(module: ModuleType) -> set[str]:
    """List the public names that a module's own code makes at its top level, imports apart."""
    tree = ast.parse(Path(module.__file__ or "").read_text("utf-8"))
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("name", ["smartkasa_async", *_FACADES])
def test_exports_exist_and_are_said_once(name: str) -> None:
    module = _module(name)
    exported = list(module.__all__)
    assert len(exported) == len(set(exported))
    for member in exported:
        assert getattr(module, member) is not None


@pytest.mark.parametrize("name", _INSIDE)
def test_only_facades_and_public_modules_have_all(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    assigned = {ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)}
    assert "__all__" not in assigned


@pytest.mark.parametrize("name", [name for name in _PUBLIC_MODULES if name not in {"blocking", "models"}])
def test_all_is_what_the_client_modules_define(name: str) -> None:
    module = _module(f"smartkasa_async.{name}")
    own = _defined(module) - {"AnswerT", "RecordT"}
    assert own <= set(module.__all__)
    assert {member for member in module.__all__ if not hasattr(module, member)} == set()


def test_package_offers_every_error() -> None:
    assert set(errors.__all__) <= set(smartkasa_async.__all__)
    for name in errors.__all__:
        assert getattr(smartkasa_async, name) is getattr(errors, name)


def test_a_day_of_work_needs_one_import() -> None:
    for name, module in smartkasa_async._MODULES.items():
        assert getattr(smartkasa_async, name) is getattr(_module(f"smartkasa_async.{module}"), name)


def test_importing_the_package_imports_none_of_its_doors() -> None:
    program = "import sys, smartkasa_async; print(*sorted(n for n in sys.modules if n.startswith('smartkasa_async')))"
    done = finished([sys.executable, "-c", program])
    assert done.stdout.split() == ["smartkasa_async", "smartkasa_async._version"]


def test_models_offer_every_struct() -> None:
    assert set(models.__all__) == set(structs.__all__)
    assert _defined(structs) == set(structs.__all__)


def test_nothing_public_hides_from_the_package() -> None:
    public = {name for name in dir(smartkasa_async) if not name.startswith("_")}
    modules = {name for name in public if isinstance(getattr(smartkasa_async, name), ModuleType)}
    assert public - modules - {"annotations"} == set(smartkasa_async.__all__) - {"__version__"}


@pytest.mark.parametrize("name", sorted(smartkasa_async._SUBMODULES))
def test_public_modules_are_reached_through_the_package(name: str) -> None:
    program = f"import smartkasa_async; print(smartkasa_async.{name}.__name__)"
    assert finished([sys.executable, "-c", program]).stdout.split() == [f"smartkasa_async.{name}"]


def test_the_package_names_all_its_public_modules() -> None:
    public = {module.name.removeprefix("smartkasa_async.") for module in _ALL}
    assert {name for name in public if "." not in name and name[0] != "_"} - {"cli"} == smartkasa_async._SUBMODULES
