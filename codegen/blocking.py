"""The blocking face of the client, from the areas of the API, the client's own methods and the doors for long work.

All is read from source text, so that code which is not there yet need not be imported to be written.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.document import SPEC_FOLDER, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Function", "Imports", "client_functions", "door_functions"]

PACKAGE = "smartkasa_async"
DOORS = ("catalog", "stock", "plans", "push", "sync", "stores", "reports", "export")
_WAITED_FOR = {"AsyncGenerator", "AsyncIterator", "AbstractAsyncContextManager"}


@dataclass
class Imports:
    """Where the names of annotations come from.

    Attributes:
        homes: The module of each name.
        modules: Modules that annotations name, such as `os`.
        in_defaults: Those names that are needed when functions are defined.
    """

    homes: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    in_defaults: set[str] = field(default_factory=set)

    def learn(self, expression: ast.expr | None, module: _Module, *, is_default: bool = False) -> None:
        """Find the names of an annotation, or of a default, that stands in a module.

        Raises:
            SpecError: One name means two things in two modules.
        """
        for node in ast.walk(expression) if expression is not None else ():
            if isinstance(node, ast.Name) and not hasattr(builtins, node.id):
                home = module.home_of(node.id)
                if is_default:
                    self.in_defaults.add(node.id)
                if home is None:
                    self.modules.add(node.id)
                elif self.homes.setdefault(node.id, home) != home:
                    raise SpecError(
                        f"{module.file}:{node.lineno}: {node.id} is of {home} here and of {self.homes[node.id]}"
                        " elsewhere; give one of them another name"
                    )


@dataclass(frozen=True)
class Function:
    """An async function in the words of the template.

    Attributes:
        name: Its name.
        door: The module that users import it from; None for a method of the client.
        kind: How it is called: `call`, `iterate`, `enter`, `list` or `property`.
        parameters: Its positional parameters, but for the client, as they are written.
        keywords: Its keyword parameters, likewise.
        arguments: All of them, and the client, as they are passed on.
        returns: What the blocking function returns.
        summary: First sentence of its docstring.
    """

    name: str
    door: str | None
    kind: str
    parameters: tuple[str, ...]
    keywords: tuple[str, ...]
    arguments: tuple[str, ...]
    returns: str
    summary: str

    @property
    def signature(self) -> str:
        """Its parameters, as they are written after its name."""
        return ", ".join(["self", *self.parameters, *(["*", *self.keywords] if self.keywords else [])])


def door_functions(imports: Imports) -> list[Function]:
    """List the async functions of all doors, in the order of their facades."""
    return [function for door in DOORS for function in _functions_of(door, imports)]


def client_functions(imports: Imports) -> list[Function]:
    """List the public async methods and properties of `SmartKasa`."""
    module = _module(f"{PACKAGE}.client")
    client = module.classes["SmartKasa"]
    methods = [node for node in client.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        _function(node, None, module, imports)
        for node in methods
        if not node.name.startswith("_")
        and node.name != "aclose"
        and (isinstance(node, ast.AsyncFunctionDef) or _has(node, "property") or node.name == "pages")
    ]


def _functions_of(door: str, imports: Imports) -> Iterator[Function]:
    facade = _module(f"{PACKAGE}.{door}")
    for name in facade.exported:
        module = _module(facade.home_of(name) or facade.name)
        function = module.functions.get(name)
        if function is not None and _is_waited_for(function, module):
            yield _function(function, facade.name, module, imports)


def _is_waited_for(function: ast.FunctionDef | ast.AsyncFunctionDef, module: _Module) -> bool:
    """Tell whether an event loop is needed for a function: an async one, or one that gives a job or a generator."""
    if isinstance(function, ast.AsyncFunctionDef):
        return True
    returned = function.returns
    if isinstance(returned, ast.Subscript) and isinstance(returned.value, ast.Name):
        return returned.value.id in _WAITED_FOR
    return isinstance(returned, ast.Name) and _summary_of_job(returned.id, module) is not None


def _function(
    node: ast.FunctionDef | ast.AsyncFunctionDef, door: str | None, module: _Module, imports: Imports
) -> Function:
    kind, returned = _call_of(node, module)
    imports.learn(returned, module)
    parameters: list[str] = []
    keywords: list[str] = []
    arguments: list[str] = []
    for argument, default, passed in _parameters(node):
        if argument.arg == "kasa":
            arguments.append(passed.removesuffix("kasa") + "self.client")
        elif argument.arg != "self":
            imports.learn(argument.annotation, module)
            imports.learn(default, module, is_default=True)
            written = ast.unparse(argument)
            (keywords if "=" in passed else parameters).append(
                written if default is None else f"{written} = {ast.unparse(default)}"
            )
            arguments.append(passed)
    text = ast.get_docstring(node) or ""
    return Function(
        name=node.name,
        door=door,
        kind=kind,
        parameters=tuple(parameters),
        keywords=tuple(keywords),
        arguments=tuple(arguments),
        returns=_blocking(kind, ast.unparse(returned) if returned is not None else "None"),
        summary=" ".join(text.partition("\n\n")[0].split()),
    )


def _call_of(node: ast.FunctionDef | ast.AsyncFunctionDef, module: _Module) -> tuple[str, ast.expr | None]:
    """Tell how a function is called, and what that gives."""
    returned = node.returns
    if _has(node, "property"):
        return "property", returned
    if isinstance(returned, ast.Subscript) and isinstance(returned.value, ast.Name):
        items = returned.slice.elts if isinstance(returned.slice, ast.Tuple) else [returned.slice]
        if returned.value.id == "Pages":
            return "list", items[0]
        if returned.value.id in _WAITED_FOR:
            return "enter" if _has(node, "asynccontextmanager") else "iterate", items[0]
    if isinstance(node, ast.FunctionDef) and isinstance(returned, ast.Name):
        return "job", _summary_of_job(returned.id, module)
    return "call", returned


def _blocking(kind: str, returned: str) -> str:
    wrapped = {"iterate": "Iterator", "enter": "AbstractContextManager", "list": "BlockingPages"}
    return f"{wrapped[kind]}[{returned}]" if kind in wrapped else returned


def _parameters(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> Iterator[tuple[ast.arg, ast.expr | None, str]]:
    """Give each parameter with its default and how it is passed on."""
    arguments = node.args
    defaults = [None] * (len(arguments.args) - len(arguments.defaults)) + list(arguments.defaults)
    for argument, default in zip(arguments.args, defaults, strict=True):
        yield argument, default, argument.arg
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument, default, f"{argument.arg}={argument.arg}"


def _has(node: ast.FunctionDef | ast.AsyncFunctionDef, decorator: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == decorator for each in node.decorator_list)


def _summary_of_job(name: str, module: _Module) -> ast.expr | None:
    """Find what a class that is a `Job[Outcome, Summary]` gives when it is awaited."""
    for base in module.classes[name].bases if name in module.classes else ():
        if isinstance(base, ast.Subscript) and ast.unparse(base.value) == "Job" and isinstance(base.slice, ast.Tuple):
            return base.slice.elts[1]
    return None


class _Module:
    """The source of one module: what it defines, and where the names that it uses come from."""

    def __init__(self, name: str) -> None:
        self.name = name
        path = SPEC_FOLDER.parent / Path(*name.split("."))
        module = path.with_suffix(".py")  # a folder of that name may be left with nothing but compiled code
        file = module if module.is_file() else path / "__init__.py"
        self.file = file.relative_to(SPEC_FOLDER.parent)
        tree = ast.parse(file.read_text("utf-8"))
        self.functions = {
            node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        self.classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self._homes: dict[str, str] = {}
        self.exported: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                self._homes.update({each.asname or each.name: node.module for each in node.names})
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._homes[node.targets[0].id] = name
                if node.targets[0].id == "__all__" and isinstance(node.value, ast.List):
                    self.exported = ast.literal_eval(node.value)
        self._homes.update(dict.fromkeys([*self.functions, *self.classes], name))

    def home_of(self, name: str) -> str | None:
        """Tell which module defines a name that is used here; None for a module itself."""
        home = self._homes.get(name)
        if home is None or home == self.name or not home.startswith(f"{PACKAGE}."):
            return home
        return _module(home).home_of(name) or home  # which may have it from another one


@cache
def _module(name: str) -> _Module:
    return _Module(name)
