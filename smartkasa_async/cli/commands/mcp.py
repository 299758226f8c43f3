"""The command `mcp`."""

import asyncio
import os
import socket
import sys
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from errno import ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import msgspec
from cyclopts import Parameter

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.safe_text import escaped_json
from smartkasa_async.cli.access import absent_file, access_of, opened_client, opened_store
from smartkasa_async.cli.errors import CommandError, Exit
from smartkasa_async.cli.messages import _, language
from smartkasa_async.cli.numbers import LAST_PORT, require_between
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.cli.working_files import account_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from io import FileIO
    from typing import BinaryIO

    from starlette.applications import Starlette

    from smartkasa_async import SmartKasa
    from smartkasa_async.mcp import AuditRecord, Changes
    from smartkasa_async.plans import PlanKind
    from smartkasa_async.stores import Store


async def mcp(
    *,
    http: bool = False,
    host: str = "127.0.0.1",
    port: int = 8765,
    tokens: Path | None = None,
    add_token: Annotated[str | None, Parameter(metavar="NAME")] = None,
    scope: list[Literal["read", "write"]] | None = None,
    account_id: int | None = None,
    public_host: Annotated[list[str] | None, Parameter(metavar="NAME")] = None,
    origin: Annotated[list[str] | None, Parameter(metavar="URL")] = None,
    audit: Path | None = None,
    allow: Annotated[str | None, Parameter(metavar="KINDS")] = None,
    plans: Annotated[Path | None, Parameter(metavar="FOLDER")] = None,
    show_cashiers: bool = False,
    offline: bool = False,
    run: ThisRun,
) -> int:
    """Serve the store to agents by MCP: sales, receipts, checks, stock; changes as far as you allow and approve.

    Without --http it speaks over standard input and output, which is how a program on this machine starts it. The
    agent can sync the store unless there is no key, or --offline is given; all else only reads. With --allow the agent
    can propose changes as well, and carry out those that you approve. Tax numbers, passports and PINs are never given.

    Args:
        http: Serve over HTTP, at /mcp, for those who have a token.
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        tokens: TOML file of tokens for --http, which has their digests alone.
        add_token: Make a token of this name, add it to the file of --tokens, print it once, and end.
        scope: What the new token may do: read, or write as well, which sync needs; may be repeated.
        account_id: Whose rows of the store the new token is for, where the store has several accounts, as that of a
            fleet has.
        public_host: Name by which a proxy in front is reached, such as kasa.example.com; may be repeated.
        origin: Origin of pages that may call, such as https://kasa.example.com; may be repeated.
        audit: File to which a line of JSON is added for each call: who, what, digest of the arguments, outcome. With
            --http it is standard error by default.
        allow: What the agent may propose to change: prices, stock, catalog, or several of them, as prices,stock. You
            are asked before anything is changed, or give the plan's code, which is printed here and stands in the plan.
        plans: Folder for the plans, with their journals; by default one in the user's folder.
        show_cashiers: Give the names of cashiers; by default their initials.
        offline: Answer from the store alone, and send nothing to the service.
    """
    from smartkasa_async.mcp import (  # noqa: PLC0415  (an extra, and help pages need none of it)
        TokenFile,
        auth_settings,
        http_app,
        make_server,
    )

    if (http or add_token) and tokens is None:
        hint = _("Make one: smartkasa mcp --tokens tokens.toml --add-token NAME --scope read")
        raise CommandError(_("Over HTTP each caller needs a token; give --tokens FILE"), hint=hint)
    if add_token is not None and tokens is not None:
        text = TokenFile(tokens).add(add_token, sorted({"read", *(scope or ())}), account_id)
        run.output.document({"name": add_token, "token": text})
        run.output.text(_("The token of {name}, which is stored nowhere:", name=add_token))
        run.output.command(text)
        return Exit.DONE
    require_between("--port", port, 0, LAST_PORT)
    allowed = _allowed(allow)
    if allowed and (offline or access_of(run.settings).api_key is None):
        hint = _("Log in, and leave out --offline")
        raise CommandError(_("--allow needs the service, which cannot be reached without a key"), hint=hint)
    async with _opened(run, offline=offline) as (store, kasa), AsyncExitStack() as stack:
        changes = _changes(run, allowed, plans)
        note = stack.enter_context(_auditing(audit, to_stderr=http))
        if http and tokens is not None:
            verifier = TokenFile(tokens)
            verifier.read()
            server = make_server(
                store,
                kasa,
                changes=changes,
                language=language(),
                show_cashiers=show_cashiers,
                audit=note,
                token_verifier=verifier,
                auth=auth_settings(),
            )
            app = http_app(server, hosts=public_host or (), origins=origin or ())
            await _serve(run, app, host, port)
        else:
            server = make_server(
                store, kasa, changes=changes, language=language(), show_cashiers=show_cashiers, audit=note
            )
            await server.run_stdio_async()
    return Exit.DONE


def _allowed(words: str | None) -> "frozenset[PlanKind]":
    """Read what may be changed; an unknown word stops the start."""
    from smartkasa_async.plans import PlanKind  # noqa: PLC0415  (likewise)

    if words is None:
        return frozenset()
    kinds = [word.strip() for word in words.split(",")]
    for kind in kinds:
        if kind not in get_args(PlanKind):
            hint = _("Give one or several of {kinds}, with commas between", kinds=", ".join(get_args(PlanKind)))
            raise CommandError(_("--allow has {kind!r}, which is nothing that can be allowed", kind=kind), hint=hint)
    return frozenset(cast("list[PlanKind]", kinds))


def _changes(run: Run, allowed: "frozenset[PlanKind]", folder: Path | None) -> "Changes | None":
    """Return what agents may propose; the codes of their plans go to standard error, which they do not see."""
    from smartkasa_async.mcp import Changes  # noqa: PLC0415  (likewise)

    if not allowed:
        return None
    kept = folder or account_folder(run.settings) / "plans"
    run.output.note(_("Plans are kept in {folder}", folder=kept))
    return Changes(
        allow=allowed, folder=kept, late_write_window=run.settings.late_write_window, show_code=run.output.note
    )


@asynccontextmanager
async def _opened(run: Run, *, offline: bool) -> "AsyncIterator[tuple[Store, SmartKasa | None]]":
    """Open the store, and the client where there is a key."""
    async with AsyncExitStack() as stack:
        has_key = not offline and access_of(run.settings).api_key is not None
        if not has_key and not offline:
            run.output.note(_("Note: there is no key, so the store alone answers. Log in: smartkasa login"))
        if has_key and (absent := absent_file(run.settings.store)) is not None:
            run.output.note(_("Note: there is no store {file} yet; an empty one is made", file=absent))
        store = await stack.enter_async_context(opened_store(run.settings, to_read=not has_key))
        kasa = await stack.enter_async_context(opened_client(run.settings)) if has_key else None
        yield store, kasa


@contextmanager
def _auditing(path: Path | None, *, to_stderr: bool) -> "Iterator[Callable[[AuditRecord], None] | None]":
    """Return the function that notes each call as a line of JSON; None where nothing is noted."""
    if path is None:
        yield (lambda record: _write(sys.stderr.buffer, record)) if to_stderr else None
        return
    with path.open("ab", buffering=0) as file:  # a line that could not be written is not kept for the next one
        yield lambda record: _write(file, record)


def _write(file: "BinaryIO | FileIO", record: "AuditRecord") -> None:
    line = f"{escaped_json(msgspec.json.encode(record).decode())}\n".encode()
    if file.write(line) != len(line):
        raise OSError(ENOSPC, os.strerror(ENOSPC))
    file.flush()


async def _serve(run: Run, app: "Starlette", host: str, port: int) -> None:
    """Serve until Ctrl-C."""
    import uvicorn  # noqa: PLC0415  (comes with the extra)

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        message = _("{host} port {port} cannot be used: {reason}", host=host, port=port, reason=reason_of(error))
        raise CommandError(message) from None
    bound = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    run.output.text(_("Serving at {address}; Ctrl-C ends it.", address=f"http://{shown}:{bound}/mcp"))
    sys.stdout.flush()
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3)
    await uvicorn.Server(config).serve(sockets=[listener])
    await asyncio.sleep(0)  # the signal that ended it is raised anew, and cancels here, not while the store is closed
