"""The files of an archive of Z-reports: JSON, pages to print, indexes; pure, so that equal data give equal bytes."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.message import N_, msg
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support.money import hryvnias
from smartkasa_async.jobs.results import plain_values
from smartkasa_async.records.days import KYIV
from smartkasa_async.reports.page.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smartkasa_async.reports.z_archive.seal import MissingReport, Seal, SealedReport

_SAFE = re.compile(r"[\w-]{1,40}", re.ASCII)
_LETTERS = 12
_NO_REGISTRAR = "no-registrar"

_FIGURES = (
    "turnover_amount",
    *(
        f"{operation}_{name}"
        for operation in ("sale", "refund")
        for name in (
            "receipts_count",
            "total",
            "cash_total",
            "cashless_total",
            *(f"tax_{letter}_total" for letter in "abvdz"),
        )
    ),
    "service_input",
    "service_output",
    "cash_total",
    "cash_receipts_count",
    "cash_amount",
)
"""Columns of a Z-report that its page shows, in order."""

_STYLE = """
body{font:14px/1.4 system-ui,sans-serif;color:#111;background:#fff;margin:24px auto;max-width:60rem;padding:0 16px}
h1{font-size:20px;margin:0 0 12px}h2{font-size:16px;margin:20px 0 8px}
table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #c4c9cf;padding:4px 8px;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
p.w{color:#b00020;font-weight:600}a{color:#0b57d0}
@media print{body{margin:0;max-width:none;font-size:11pt}a{color:inherit;text-decoration:none}tr{break-inside:avoid}}
@page{size:A4;margin:15mm}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def folder_name(registrar: str | None) -> str:
    """Name the folder of a registrar; a number that no folder should be called by goes by its digest."""
    if not registrar:
        return _NO_REGISTRAR
    return registrar if _SAFE.fullmatch(registrar) else f"registrar-{_short(registrar)}"


def report_name(row: Mapping[str, Any], revision: int) -> str:
    """Name the files of a Z-report in the archive, without their suffixes."""
    number = row["fiscal_number"]
    number = number if _SAFE.fullmatch(number) else _short(number)
    later = "" if revision == 1 else f"-{revision}"
    day = row["business_date"]
    return f"{folder_name(row['registrar_fiscal_number'])}/{day.year}/{day}-{number}-{row['id']}{later}"


def report_json(row: Mapping[str, Any]) -> bytes:
    """Write a Z-report as JSON: its fields as the store has them, and the record as the service sent it."""
    fields = {name: value for name, value in row.items() if name not in {"account_id", "deleted_at", "raw"}}
    content = {"z_report": plain_values(fields), "raw": _raw(row["raw"])}
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def same_report(one: bytes, other: bytes) -> bool:
    """Return whether two files have the same Z-report, whether or not both have what the service sent."""
    try:
        reports = [msgspec.json.decode(content)["z_report"] for content in (one, other)]
    except (msgspec.DecodeError, KeyError, TypeError):
        return False
    return bool(reports[0] == reports[1])


def report_page(content: bytes, shop: str, language: Language) -> bytes:
    """Write a Z-report as a page, from its JSON.

    Args:
        content: What `report_json` made.
        shop: Title of its shop.
        language: Language of the page.
    """
    report = msgspec.json.decode(content)["z_report"]
    made_at = msgspec.convert(report["created_at"], type=datetime)
    heads = (
        (N_("Shop"), shop),
        (N_("Registrar"), report["registrar_fiscal_number"]),
        (N_("Number"), report["fiscal_number"]),
        (N_("Shift"), report["shift_id"]),
        (N_("Day"), report["business_date"]),
        (N_("Closed"), _kyiv(made_at)),
        (N_("Cashier"), report["terminal_user_name"]),
    )
    rows = [(_text(name, language), value, False) for name, value in heads if value is not None]
    rows += [
        (_text(str(TEXTS.get(f"figure.{name}", name)), language), _figure(name, report[name]), True)
        for name in _FIGURES
        if report.get(name) is not None
    ]
    lines = "".join(
        f"<tr><th>{escape(title)}</th><td{' class=n' if is_number else ''}>{escape(str(value))}</td></tr>\n"
        for title, value, is_number in rows
    )
    title = _text(
        msg("Z-report {number} of {day}", number=report["fiscal_number"], day=report["business_date"]), language
    )
    back = f'<p><a href="index.html">{escape(_text(N_("All Z-reports of the year"), language))}</a></p>'
    return _page(title, f"<table>\n{lines}</table>\n{back}", language)


def year_page(
    registrar: str | None,
    year: int,
    reports: Sequence[SealedReport],
    missing: Sequence[MissingReport],
    language: Language,
) -> bytes:
    """Write the index of a registrar's year."""
    titles = (N_("Day"), N_("Closed"), N_("Number"), N_("Sales"), N_("Refunds"), N_("Files"))
    rows = []
    for one in sorted(reports, key=lambda one: (one.made_at, one.revision)):
        name = one.name.rpartition("/")[2]
        links = f'<a href="{name}.html">HTML</a> <a href="{name}.json">JSON</a>'
        later = "" if one.revision == 1 else f" · {_text(N_('changed at the service'), language)}"
        cells = (f"{one.day}", _kyiv(one.made_at), one.number + later)
        rows.append((*map(escape, cells), escape(one.sales), escape(one.refunds), links))
    body = _table(titles, rows, {3, 4}, language)
    title = _text(
        msg("Z-reports of registrar {registrar}, {year}", registrar=registrar or "—", year=f"{year}"), language
    )
    back = f'<p><a href="../../index.html">{escape(_text(N_("Archive of Z-reports"), language))}</a></p>'
    return _page(title, body + _missing_list(missing, language) + back, language)


def root_page(seal: Seal, shops: Mapping[int, str], language: Language) -> bytes:
    """Write the index of the archive."""
    groups: dict[tuple[str, str | None, int], list[SealedReport]] = {}
    for one in seal.reports:
        groups.setdefault((folder_name(one.registrar), one.registrar, one.day.year), []).append(one)
    titles = (N_("Registrar"), N_("Year"), N_("Z-reports"), N_("First"), N_("Last"), N_("Sales"), N_("Refunds"))
    rows = []
    for (folder, registrar, year), reports in sorted(groups.items(), key=lambda one: (one[0][0], one[0][2])):
        latest = {one.id: one for one in sorted(reports, key=lambda one: one.revision)}.values()
        days = [one.day for one in latest]
        sums = [
            hryvnias(sum((Decimal(each) for each in of), Decimal(0)))
            for of in ([one.sales for one in latest], [one.refunds for one in latest])
        ]
        link = f'<a href="{folder}/{year}/index.html">{year}</a>'
        rows.append((escape(registrar or "—"), link, f"{len(latest)}", f"{min(days)}", f"{max(days)}", *sums))
    body = _table(titles, rows, {2, 5, 6}, language)
    unread = "".join(
        f"<li>{escape(shops.get(int(id_)) or id_)}: {escape(', '.join(map(str, days)))}</li>\n"
        for id_, days in seal.not_read.items()
    )
    if unread:
        heading = escape(_text(N_("Days of which the Z-reports were not read in full"), language))
        body += f'<p class="w">{heading}</p>\n<ul>\n{unread}</ul>\n'
    about = _text(msg("Seal: {digest}", digest=seal.digest()), language)
    body += _missing_list(seal.missing, language) + f"<p><code>{escape(about)}</code></p>\n"
    return _page(_text(N_("Archive of Z-reports"), language), body, language)


def _missing_list(missing: Sequence[MissingReport], language: Language) -> str:
    if not missing:
        return ""
    items = "".join(
        f"<li>{one.day}: {escape(one.registrar or '—')}, {escape(one.shift_id or '—')}</li>\n" for one in missing
    )
    heading = escape(_text(N_("Shifts with sales or refunds and no Z-report"), language))
    return f'<p class="w">{heading}</p>\n<ul>\n{items}</ul>\n'


def _table(titles: Iterable[str], rows: Iterable[Sequence[str]], numbers: set[int], language: Language) -> str:
    def row(cells: Iterable[str], tag: str) -> str:
        made = (f"<{tag}{' class=n' if index in numbers else ''}>{cell}</{tag}>" for index, cell in enumerate(cells))
        return f"<tr>{''.join(made)}</tr>\n"

    head = row((escape(_text(title, language)) for title in titles), "th")
    return f"<table>\n{head}{''.join(row(cells, 'td') for cells in rows)}</table>\n"


def _page(title: str, body: str, language: Language) -> bytes:
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{body}</body></html>\n"
    ).encode()


def _raw(raw: str | None) -> object:
    try:
        return None if raw is None else msgspec.Raw(raw.encode()) if msgspec.json.decode(raw) is not None else None
    except msgspec.DecodeError:  # bytes that were no UTF-8 stand in it as \\xd0
        return raw


def _figure(name: str, value: object) -> str:
    return f"{value}" if name.endswith("_count") else hryvnias(Decimal(str(value)))


def _kyiv(moment: datetime) -> str:
    return f"{moment.astimezone(KYIV):%Y-%m-%d %H:%M:%S}"


def _text(text: str, language: Language) -> str:
    return in_language(text, language)


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_LETTERS]
