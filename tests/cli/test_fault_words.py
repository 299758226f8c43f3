"""Faults of the sandbox that cannot be ordered are refused in the language that is chosen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.commandline import Cli


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("503,operation=createProdukt", "Операції 'createProdukt' немає; можливо, ви мали на увазі 'createProduct'"),
        ("503,operation=zzzz", "Операції 'zzzz' немає; усі перелічено в документі OpenAPI"),
        (
            "503,path=/api/v1/rsn/shopz",
            "Шляху '/api/v1/rsn/shopz' немає; можливо, ви мали на увазі '/api/v1/rsn/shops'",
        ),
        ("503,path=%%", "Шляху '%%' немає; усі перелічено в документі OpenAPI"),
        ("503,path=/api/v1/rsn/shops,method=DELETE", "DELETE /api/v1/rsn/shops немає; цей шлях має GET, POST"),
        ("503,method=FETCH", "Метод збою 'FETCH' невідомий"),
        ("503,operation=listShops,method=GET", "залиште щось одне"),
        ("dorp", "Вид збою 'dorp' невідомий; є delay, drop_before, drop_after, status"),
        ("503,times=0", "вкажіть 1 чи більше"),
        ("503,probability=2", "вкажіть число, більше за 0 і не більше за 1"),
        ("delay,seconds=-1", "вкажіть 0 або більше"),
        ("99", "вкажіть від 200 до 599"),
        ("503,times", "'times' не має значення"),
        ("503,chance=1", "'chance' немає"),
        ("503,times=often", "'often' не підходить"),
    ],
)
def test_a_fault_is_refused_in_ukrainian(fault: str, words: str, cli: Cli) -> None:
    told = cli("sandbox", "--lang", "uk", "--fault", fault)
    assert told.code == 2
    assert words in told.err
    assert not re.search(r"\b(is|the|are|use|give|have?|does)\b", told.err), told.err
