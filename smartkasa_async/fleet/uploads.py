"""What waits to be written into the service for an account: price lists, counts and receipts, with their contents.

The contents are kept in the fleet's database until they are written, so that any worker can do it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.fleet.errors import FleetError
from smartkasa_async.fleet.journals import forget_journals
from smartkasa_async.fleet.work import TaskName
from smartkasa_async.models import ReceiptCreate

if TYPE_CHECKING:
    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.runs import Held

UploadKind = Literal["products", "stock", "receipts"]

_TASKS: dict[UploadKind, TaskName] = {
    "products": TaskName.UPLOAD,
    "stock": TaskName.UPLOAD,
    "receipts": TaskName.PUSH,
}


class UploadOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an upload is carried out; the words are those of `import_products` and `sync_stock`.

    Attributes:
        key: What identifies a product.
        mode: For price lists: `upsert` or `create`.
        shop_id: For counts: the shop.
    """

    key: Literal["number", "alter_number", "remote_id"] = "number"
    mode: Literal["upsert", "create"] = "upsert"
    shop_id: int | None = None


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload that waits.

    Attributes:
        upload_id: Its id.
        kind: `products`, `stock` or `receipts`.
        name: Name of its file.
        content: The file.
        options: How it is carried out.
    """

    upload_id: int
    kind: UploadKind
    name: str
    content: bytes
    options: UploadOptions

    @property
    def journal(self) -> str:
        """Name of its journal; pushes of an account have another one together, which stays."""
        return f"upload-{self.upload_id}"


class Uploads:
    """The uploads of a fleet.

    Args:
        database: The fleet's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        accounts: Accounts,
        account_id: int,
        kind: UploadKind,
        *,
        name: str,
        content: bytes,
        options: UploadOptions = UploadOptions(),  # noqa: B008  (frozen)
    ) -> int:
        """Keep a file until it is written into the service, which is due at once.

        Args:
            accounts: The fleet's accounts.
            account_id: The account.
            kind: What the file is.
            name: Name of the file, by which its kind is detected.
            content: The file.
            options: How it is carried out.

        Returns:
            Id of the upload.

        Raises:
            FleetError: A line is no receipt, counts name no shop, or the account is paused.
        """
        if kind == "receipts":
            parse_receipts(name, content)
        if kind == "stock" and options.shop_id is None:
            raise FleetError(msg("Counts need a shop: give its id with --shop"))
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "INSERT INTO uploads (account_id, kind, name, content, options, added_at)"
                " VALUES (%s, %s, %s, %s, %s, %s) RETURNING upload_id",
                [account_id, kind, name, content, msgspec.json.encode(options).decode(), self._database.now()],
            )
            row = await cursor.fetchone()
            await accounts.request_in(connection, account_id, _TASKS[kind])
        upload_id: int = row["upload_id"] if row else 0
        return upload_id

    async def next(self, account_id: int, task: TaskName) -> Upload | None:
        """Return the oldest upload that waits for a task of an account."""
        kinds = [kind for kind, needed in _TASKS.items() if needed is task]
        row = await self._database.row(
            "SELECT upload_id, kind, name, content, options::text AS options FROM uploads"
            " WHERE account_id = %s AND kind = ANY(%s) AND ended_at IS NULL ORDER BY upload_id LIMIT 1",
            [account_id, kinds],
        )
        if row is None:
            return None
        values: dict[str, Any] = dict(row, content=bytes(row["content"]))
        values["options"] = msgspec.json.decode(row["options"], type=UploadOptions)
        return Upload(**values)

    async def end(self, held: Held, upload: Upload) -> None:
        """Write down that an upload is done, and drop its contents.

        Raises:
            FencedError: The account is another's by now.
        """
        async with self._database.transaction() as connection:
            await held.check(connection)
            await connection.execute(
                "UPDATE uploads SET ended_at = %s, content = '' WHERE upload_id = %s",
                [self._database.now(), upload.upload_id],
            )
            await forget_journals(connection, held.account_id, upload.journal)


def parse_receipts(name: str, content: bytes) -> list[ReceiptCreate]:
    """Read receipts from JSON lines; empty lines do not count.

    Raises:
        FleetError: A line is no receipt; names it.
    """
    decoder = msgspec.json.Decoder(ReceiptCreate)
    receipts = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            receipts.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FleetError(
                msg("{file}, line {line} is no receipt: {reason}", file=name, line=number, reason=error)
            ) from None
    return receipts
