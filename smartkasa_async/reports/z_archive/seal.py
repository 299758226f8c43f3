"""The seal of an archive: the digest of each file, counts, and what is missing; pure rules."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smartkasa_async.records.days import Window

SEAL: Final = "seal.json"
_FORMAT: Final = 1
_ONE_DAY = timedelta(days=1)


class SealedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A Z-report of the archive, or a later form of one that the service changed.

    Attributes:
        name: Path of its files in the archive, without their suffixes.
        id: Its id.
        revision: 1, and one more for each later form.
        registrar: Fiscal number of its registrar.
        number: Its number.
        day: Its business day.
        made_at: When the registrar made it.
        sales: Sales that it states, hryvnias.
        refunds: Refunds that it states, hryvnias.
        json: SHA-256 of the JSON.
        html: SHA-256 of the page.
    """

    name: str
    id: int
    revision: int
    registrar: str | None
    number: str
    day: date
    made_at: datetime
    sales: str
    refunds: str
    json: str
    html: str


class MissingReport(msgspec.Struct, frozen=True, kw_only=True):
    """A shift with sales or refunds and no Z-report: its registrar, and its receipts that owe one."""

    shop_id: int | None
    registrar: str | None
    shift_id: str | None
    day: date
    receipts: int


class Seal(msgspec.Struct, kw_only=True):
    """What an archive holds.

    Attributes:
        format: Version of the seal's form.
        counts: Number of reports by registrar and year.
        reports: The reports, in the order of their names.
        missing: Shifts without a Z-report.
        not_read: Days of which the Z-reports were not read in full, by the id of the shop.
    """

    format: int = _FORMAT
    counts: dict[str, dict[str, int]] = {}
    reports: list[SealedReport] = []
    missing: list[MissingReport] = []
    not_read: dict[str, list[date]] = {}

    def digest(self) -> str:
        """Return the SHA-256 of all that the seal states."""
        return sha256_of(msgspec.json.encode(self, order="deterministic"))

    def encoded(self) -> bytes:
        """Write the seal, with its own digest, as JSON for people to read too."""
        content = msgspec.json.encode({"digest": self.digest(), "seal": self}, order="deterministic")
        return msgspec.json.format(content, indent=1) + b"\n"


class _Written(msgspec.Struct):
    digest: str
    seal: Seal


def read_seal(content: bytes) -> Seal | None:
    """Read a seal; None where it is not as it was written."""
    try:
        written = msgspec.json.decode(content, type=_Written)
    except msgspec.DecodeError:
        return None
    seal = written.seal
    return seal if seal.format == _FORMAT and seal.digest() == written.digest else None


def extended(
    seal: Seal,
    reports: Iterable[SealedReport],
    window: Window,
    *,
    shops: Iterable[int],
    missing: Iterable[MissingReport],
    not_read: Mapping[int, Iterable[date]],
) -> Seal:
    """Return a seal with more reports, and with what is known now of the days and shops that were looked at.

    Args:
        seal: The seal as it was.
        reports: All reports of the archive.
        window: The days that were looked at.
        shops: Ids of the shops that were looked at.
        missing: Shifts of these days without a Z-report.
        not_read: Days, out of these, of which the Z-reports were not read in full, by shop.
    """
    looked_at = set(shops)
    days = {window.start + number * _ONE_DAY for number in range(window.days)}
    kept = [one for one in seal.missing if one.day not in days or one.shop_id not in {*looked_at, None}]
    unread = {id_: [*found] for id_, found in seal.not_read.items()}
    for id_ in looked_at:
        before = [day for day in unread.get(str(id_), ()) if day not in days]
        unread[str(id_)] = sorted({*before, *not_read.get(id_, ())})
    in_order = sorted(reports, key=lambda one: (one.name, one.revision))
    counts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in in_order:
        if one.revision == 1:
            counts[one.registrar or ""][f"{one.day.year}"] += 1
    return Seal(
        counts={registrar: dict(years) for registrar, years in counts.items()},
        reports=in_order,
        missing=sorted({*kept, *missing}, key=lambda one: (one.day, one.registrar or "", one.shift_id or "")),
        not_read={id_: found for id_, found in unread.items() if found},
    )


def sha256_of(content: bytes) -> str:
    """Return the digest of a file, in hexadecimal."""
    return sha256(content).hexdigest()
