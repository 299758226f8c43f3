"""The command `python -m codegen.messages [--check]`: the Ukrainian texts of the command line and of errors.

It reads the English texts from the code, keeps the translations that still fit, and writes `smartkasa.po` and from it
`smartkasa.mo`. New texts come without a translation; it names them and fails until they have one.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from smartkasa_async._i18n.message import CONTEXT_END
from smartkasa_async.cli.messages import Help

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["PACKAGE", "catalogue", "extract", "faults", "main", "read_catalogue", "written"]

PACKAGE = Path(__file__).parents[1] / "smartkasa_async"
FILE = PACKAGE / "_i18n" / "locale" / "uk" / "LC_MESSAGES" / "smartkasa.po"
_SAYING = {"_", "N_", "n_", "NN_", "NP_", "msg", "nmsg", "UsageError", "DatabaseError"}
_PLURAL = {"n_", "NN_", "nmsg"}
_PLACEHOLDER = re.compile(r"\{(\w+)(?:![rs])?\}")

_HEADER = "# Ukrainian texts of the command line and of errors; `python -m codegen.messages` keeps the list."

MessageId = str | tuple[str, str]


def main(arguments: list[str] | None = None) -> int:
    """Write the catalogue, or with `--check` only tell whether it is stale.

    Returns:
        Exit status: 0 done, 1 stale files or texts without a translation.
    """
    parser = argparse.ArgumentParser(prog="python -m codegen.messages", description="Bring translations up to date.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file on disk is stale")
    options = parser.parse_args(arguments)
    made = catalogue(extract(PACKAGE), read_catalogue())
    stale = [file for file, content in written(made).items() if not file.exists() or file.read_bytes() != content]
    found = faults(made)
    if options.check:
        found += [f"{file.name} is stale; run: python -m codegen.messages" for file in stale]
    else:
        for file in stale:
            file.write_bytes(written(made)[file])
            print(f"wrote {file.name}")
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


def extract(package: Path) -> dict[MessageId, list[str]]:
    """List the English texts, each with the files that say it.

    Args:
        package: Folder of the code.
    """
    found: dict[MessageId, list[str]] = {}
    for file in sorted(package.rglob("*.py")):
        for message in _texts(ast.parse(file.read_text("utf-8"))):
            places = found.setdefault(message, [])
            name = file.relative_to(package).as_posix()
            if name not in places:
                places.append(name)
    return found


def catalogue(texts: dict[MessageId, list[str]], before: Catalog) -> Catalog:
    """Make the catalogue of texts, with the translations that another one has.

    Args:
        texts: The texts, with the files that say them.
        before: The catalogue so far.
    """
    made = _Catalogue(locale="uk", fuzzy=False, header_comment=_HEADER)
    for message, places in texts.items():
        context, text = _without_context(message)
        known = before.get(text if isinstance(text, str) else text[0], context)
        string = known.string if known is not None and known.id == text else None
        locations = [(place, 0) for place in places]  # lines would change with every edit
        made.add(text, string, locations=locations, context=context)
    return made


def read_catalogue() -> Catalog:
    """Read the catalogue on disk; an empty one where there is none."""
    if not FILE.exists():
        return Catalog(locale="uk")
    with FILE.open("rb") as file:
        return read_po(file, locale="uk")


def written(made: Catalog) -> dict[Path, bytes]:
    """Write a catalogue as the two files that it is kept in."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, made, width=120, include_lineno=False)
    write_mo(mo, made)
    return {FILE: po.getvalue(), FILE.with_suffix(".mo"): mo.getvalue()}


def faults(made: Catalog) -> list[str]:
    """Tell which texts have no translation, or one that names other values."""
    found = []
    for message in made:
        if not message.id:
            continue
        ids = _forms(message.id)
        strings = _forms(message.string)
        if not all(strings):
            found.append(f"not translated: {ids[0]!r}")
            continue
        named = {name for text in ids for name in _PLACEHOLDER.findall(text)}
        if any(set(_PLACEHOLDER.findall(text)) != named for text in strings):
            found.append(f"names other values: {ids[0]!r}")
    return found


class _Catalogue(Catalog):
    """A catalogue whose header says nothing that changes by itself, such as dates and Babel's release."""

    def _get_mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "smartkasa-async"),
            ("Language", "uk"),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]

    mime_headers = property(_get_mime_headers)


def _without_context(message: MessageId) -> tuple[str | None, MessageId]:
    if isinstance(message, tuple) or CONTEXT_END not in message:
        return None, message
    context, _, text = message.partition(CONTEXT_END)
    return context, text


def _forms(text: str | Sequence[str] | None) -> list[str]:
    return [text or ""] if isinstance(text, str) or text is None else list(text)


def _texts(tree: ast.Module) -> Iterator[MessageId]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SAYING:
            literals = [each.value for each in node.args if isinstance(each, ast.Constant)]
            texts = [text for text in literals if isinstance(text, str)]
            if node.func.id in _PLURAL:
                yield texts[0], texts[1]
            elif node.func.id == "NP_":
                yield CONTEXT_END.join(texts)
            elif texts:
                yield texts[0]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _is_command(node):
            yield from Help(ast.get_docstring(node, clean=False)).texts


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    annotations = [each.annotation for each in node.args.kwonlyargs]
    return any(isinstance(each, ast.Name) and each.id == "ThisRun" for each in annotations)


if __name__ == "__main__":
    sys.exit(main())
