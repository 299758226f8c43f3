"""Errors and reports of the library in Ukrainian, as real commands print them; machines get the reasons in English."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sandbox.faults import Fault

if TYPE_CHECKING:
    from tests.support.commandline import Cli

LIST = "/api/v1/pos/receipts"
ONE_DAY = ("--start", "2026-10-01", "--end", "2026-10-01")
RECEIPT = '{"total_amount": "21.00", "state": 2, "type": 0, "registrar_fiscal_number": "4000000001", "items": ['
RECEIPT += '{"name": "Кава", "price": 10.5, "quantity": "2", "amount": "21"}], "fiscal_number": "%06d"}\n'


@pytest.fixture
def box_with_receipts(environment: Sandbox) -> Sandbox:
    """Fill the sandbox with a day of two shops."""
    environment.load(simulate(Simulation(shops=2, days=1, start=date(2026, 10, 1), products=10)))
    return environment


def page(records: list[Any], *, total: int) -> dict[str, Any]:
    """Write the answer of a list of one page, which may say that there are more records than it has."""
    places = {"current_page": 1, "next_page": None, "prev_page": None, "total_pages": 1, "offset_value": 0}
    return {"data": records, "meta": places | {"total_count": total, "limit_value": 100}}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("receipts sync --start 2026-10-01 --shop 5", "В обліковому записі немає магазину з id 5; немає жодного"),
        (
            "receipts sync --start 2026-10-01 --store nowhere/a.sqlite",
            "Теки nowhere не існує; створіть її або зберігайте дані деінде",
        ),
        (
            "receipts sync --start 2026-10-01 --store mysql://a/b",
            "Базою буває postgresql або sqlite, а не mysql; приклад адреси: sqlite+aiosqlite:///receipts.sqlite",
        ),
        (
            "receipts watch --start 2999-01-01",
            "--start має значення 2999-01-01, цей день ще не настав; не вказуйте --start",
        ),
        ("receipts watch --days 0", "--days має значення 0; вкажіть ціле число від 1"),
        (
            "receipts watch --checkpoint watch.json",
            (
                "watch.json не містить цілої контрольної точки smartkasa receipts watch"
                " (JSON обривається): вкажіть правильну, поверніть копію або видаліть, щоб стежити відтепер"
            ),
        ),
        (
            "shops list --base-url http://example.com",
            "base_url має значення http://example.com; вкажіть https, бо ключ і токени передавалися б без шифрування",
        ),
        ("products import", "ФАЙЛ: значення не вказано\nДив.: smartkasa products import --help"),
        ("completion fig", "ОБОЛОНКА: значення 'fig' не підходить\nВкажіть одне з: bash, zsh, fish"),
        (
            "receipts sync --start 2026-10-01 --store watch.json",
            "sqlite+aiosqlite:///watch.json: цей файл не є базою даних",
        ),
        ("call shops.create []", "Тіло для shops.create не можна надіслати: має бути `object`, а не `array`\nПоля: …"),
        (
            "sandbox --port 99999",
            "Пісочницю не запущено: port має значення 99999: вкажіть від 0 до 65535, 0 означає будь-який вільний.",
        ),
        ("sandbox --days 0", "Пісочницю не запущено: days має значення 0; вкажіть ціле число, не менше за 1"),
        ("call shops.get --id ..", "getShop: id має значення '..'; вкажіть id запису"),
    ],
)
def test_wrong_use_is_told_in_ukrainian(words: str, said: str, environment: Sandbox, cli: Cli) -> None:
    Path("watch.json").write_text("{" + "no database " * 100 if "--store watch.json" in words else "{")
    result = cli(*words.split(), "--lang", "uk")
    assert (result.code, result.out) == (2, "")
    assert re.sub(r"Поля: .+", "Поля: …", result.err) == f"Помилка: {said}\n"


def test_what_the_service_answers_is_told_in_ukrainian(environment: Sandbox, cli: Cli) -> None:
    environment.faults.add(Fault("status", path="/api/v1/rsn/shops", status=418, body={}))
    result = cli("shops", "list", "--lang", "uk")
    assert re.sub("request .+]", "request …]", result.err) == (
        "Помилка: Сервіс відхилив запит: listShops: 418: причину не названо [request …]\n"
    )


def test_incomplete_days_and_lists_are_told_in_ukrainian(box_with_receipts: Sandbox, cli: Cli) -> None:
    cards = {"data": [], "meta": {"total_count": 4}}
    box_with_receipts.faults.add(Fault("status", "GET", LIST, times=None, status=200, body=page([], total=3)))
    box_with_receipts.faults.add(Fault("status", "GET", "/api/v1/inventory/cards", times=None, status=200, body=cards))
    result = cli("receipts", "sync", *ONE_DAY, "--lang", "uk")
    assert (result.code, result.err) == (1, "")
    lines = result.out.splitlines()
    assert re.split(" {2,}", lines[7])[-1] == "ні"
    cards_lack = "listStockCards: надійшло різних записів: 0, а сервіс рахує 4"
    assert lines[8] == f"Неповно: картки залишків: {cards_lack}"
    reason = "listReceipts: надійшло різних записів: 0, а сервіс рахує 3"
    assert lines[-2:] == [f"Неповно: магазин {shop}, 2026-10-01…2026-10-01: {reason}" for shop in (37901, 37902)]
    told = cli("receipts", "sync", *ONE_DAY, "--lang", "uk", "--json").document
    said = "0 different records came where the service counts"
    assert {shop["incomplete"][0]["reason"] for shop in told["shops"]} == {f"listReceipts: {said} 3"}
    assert [one["reason"] for one in told["reference_data"]["lists"] if one["reason"]] == [f"listStockCards: {said} 4"]


def test_stopped_push_tells_its_counts_in_ukrainian(environment: Sandbox, cli: Cli) -> None:
    Path("queue.jsonl").write_text("".join(RECEIPT % number for number in (1, 2)), "utf-8")
    environment.faults.add(Fault("status", "POST", f"{LIST}/batch", status=403))
    result = cli("receipts", "push", "queue.jsonl", "--lang", "uk")
    assert result.code == 4
    assert re.sub("request .+]", "request …]", result.err) == (
        "Жоден чек не надсилається двічі. Щоб продовжити, виконайте ту саму команду ще раз.\n"
        "Помилка: Передавання зупинилося, опрацьовано 2 чеки (створено: 0, притримано: 2):"
        " createReceiptBatch: 403: Forbidden [request …]\n"
        "Перевірте ключ і користувача: smartkasa doctor\n"
    )


def test_what_stands_in_the_way_of_a_watch_is_told_in_ukrainian(box_with_receipts: Sandbox, cli: Cli) -> None:
    spoilt = page([{"id": "a"}], total=1)
    box_with_receipts.faults.add(Fault("status", "GET", LIST, times=1, status=200, body=spoilt))
    words = ("--start", "2026-10-01", "--days", "400", "--limit", "1", "--lang", "uk")
    result = cli("receipts", "watch", *words)
    assert result.code == 0
    (trouble,) = (line for line in result.err.splitlines() if line.startswith("Помилка"))
    assert re.sub(r"магазин \d+|`\w+`", "…", trouble) == (
        "Помилка: …: не розібрано 1 чек; причина: бракує обов'язкового поля …; буде прочитано знову наступного разу"
    )


@pytest.mark.usefixtures("environment")
def test_reasons_of_the_system_are_told_in_ukrainian(cli: Cli) -> None:
    result = cli("products", "import", "absent.csv", "--lang", "uk")
    assert result.code == 2
    assert result.err == "Помилка: absent.csv не можна використати: немає такого файлу чи теки\n"


def test_reason_within_an_error_is_told_in_ukrainian(environment: Sandbox, cli: Cli) -> None:
    environment.faults.add(Fault("status", "POST", "/api/v1/rsn/shops", status=502, body={}))
    result = cli("call", "shops.create", '{"title": "А"}', "--lang", "uk")
    assert result.code == 1
    assert "(502: причину не названо)" in result.err


def test_smaller_pages_are_told_in_ukrainian(environment: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(max_per_page=7).in_thread() as box:
        for name, value in box.credentials.items():
            monkeypatch.setenv(f"SMARTKASA_{name.upper()}", str(value))
        box.load(simulate(Simulation(shops=1, days=1, start=date(2026, 10, 1), products=10)))
        result = cli("receipts", "sync", *ONE_DAY, "--lang", "uk")
    assert result.err == "Примітка: Запитано записів на сторінку: 100, сервіс дає 7\n"


def test_address_that_doctor_refuses_is_told_in_ukrainian(cli: Cli) -> None:
    result = cli("doctor", "--base-url", "kasa", "--lang", "uk")
    assert result.code == 2
    assert "base_url не є адресою" in result.out


def test_service_that_is_not_there_is_told_in_ukrainian(environment: Sandbox, cli: Cli) -> None:
    result = cli("shops", "list", "--base-url", "http://127.0.0.1:1", "--lang", "uk")
    assert result.code == 3
    assert result.err.startswith(
        "Помилка: createSession: Не вдалося з'єднатися із сервісом: 127.0.0.1:1: у з'єднанні відмовлено\n"
    )


def test_address_without_tls_is_told_in_ukrainian(environment: Sandbox, cli: Cli) -> None:
    address = environment.url.replace("http:", "https:")
    result = cli("shops", "list", "--base-url", address, "--lang", "uk")
    assert "за цією адресою відповідають без TLS (WRONG_VERSION_NUMBER)" in result.err
    assert (
        "за цією адресою відповідають без TLS (WRONG_VERSION_NUMBER)."
        in cli("doctor", "--base-url", address, "--lang", "uk").out
    )


def test_lines_that_are_no_receipts_are_told_in_ukrainian(environment: Sandbox, cli: Cli) -> None:
    Path("queue.jsonl").write_text('{"total_amount": "x"}\n{bad\n[]\n{"a": 1}\n')
    assert cli("receipts", "push", "queue.jsonl", "--lang", "uk").err.splitlines()[1:-1] == [
        "queue.jsonl, рядок 1: це не десяткове число (у `$.total_amount`)",
        "queue.jsonl, рядок 2: неправильний JSON: object keys must be strings (byte 1)",
        "queue.jsonl, рядок 3: має бути `object`, а не `array`",
        "queue.jsonl, рядок 4: бракує обов'язкового поля `total_amount`",
    ]


def test_quarantined_records_are_told_in_ukrainian(box_with_receipts: Sandbox, cli: Cli) -> None:
    spoilt = page([{"id": "a"}], total=1)
    box_with_receipts.faults.add(Fault("status", "GET", LIST, times=None, status=200, body=spoilt))
    said = cli("receipts", "sync", *ONE_DAY, "--no-reference-data", "--lang", "uk").out.splitlines()
    assert said[-1:] == ["  чеки a: бракує обов'язкового поля `created_at`"]


def test_lost_answers_are_told_in_ukrainian_row_by_row(environment: Sandbox, cli: Cli) -> None:
    """By the command, and in the file of rows to be fixed."""
    Path("list.csv").write_text("Штрихкод;Назва;Ціна;Категорія\n4823012345039;Кава;10,00;А\n", "utf-8")
    categories = "/api/v1/inventory/categories/batch"
    environment.faults.add(Fault("drop_before", "POST", categories, times=None))
    result = cli("products", "import", "list.csv", "--late-write-window", "0", "--lang", "uk")
    said = "«А»: невідомо, чи створено категорію: відповідь щоразу губилася; імпортуйте рядок пізніше ще раз"
    assert result.out.splitlines()[0] == "list.csv:"
    assert result.out.splitlines()[1].endswith(said)
    assert said in Path("list.rejected.csv").read_text("utf-8-sig")
