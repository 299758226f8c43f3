"""Write catalogue.csv: the price list of an invented shop, in the form that shops have, with some bad rows on purpose.

    python examples/make_catalogue.py [FILE]

Windows-1251, semicolons, CRLF, decimal commas, spaced thousands, categories by name. Each run writes the same bytes.
Brands, barcodes and prices are invented.
"""

from __future__ import annotations

import csv
import io
import sys
from itertools import product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async.catalog.checks.codes import check_digit

if TYPE_CHECKING:
    from collections.abc import Callable

HEADERS = (
    "Штрихкод",
    "Артикул",
    "Назва",
    "Категорія",
    "Ціна",
    "Закупівельна ціна",
    "Од.",
    "Ставка ПДВ",
    "Код УКТЗЕД",
    "Залишок",
)
ROWS = 2400
"""Rows in the price list, bad ones included."""

_BRANDS = (
    "Степова Криниця",
    "Карпатська Роса",
    "Хуторянка",
    "Бабусин Льох",
    "Золота Нива",
    "Дніпрові Кручі",
    "Полісся",
    "Калинова Хата",
    "Чумацький Шлях",
    "Добра Комора",
)


class Group(NamedTuple):
    """Goods that share category, unit, tax and code.

    Attributes:
        sizes: Sizes with the share of the price that each costs, as in `250 г=0.3; 1 кг=1`.
        price: Hryvnias for a share of 1.
        names: Names, with commas between them.
    """

    category: str
    code: str
    unit: str
    vat: str
    sizes: str
    price: int
    names: str

    def goods(self) -> list[tuple[str, float]]:
        """List the titles of all goods, each with its price in hryvnias."""
        goods: list[tuple[str, float]] = []
        for name, brand, size in product(self.names.split(", "), _BRANDS, self.sizes.split("; ")):
            label, share = size.split("=")
            quoted = brand if len(goods) % 4 == 0 else f'"{brand}"'
            goods.append((f"{name} {quoted} {label}", self.price * float(share)))
        return goods


_GRAMS = "200 г=0.25; 400 г=0.45; 500 г=0.55; 900 г=0.9; 1 кг=1"
_LITRES = "0,33 л=0.5; 0,5 л=0.65; 1 л=1; 1,5 л=1.35; 2 л=1.7"
_PIECES = "1 шт=1; 2 шт=1.9; 3 шт=2.7; 6 шт=5; 12 шт=9.5"
_LOOSE = "ваг.=1; ваг., I ґатунок=1.15; ваг., II ґатунок=0.8"

GROUPS = (
    Group("Напої / Кава", "0901210000", "шт", "20%", _GRAMS, 920,
          "Кава мелена, Кава в зернах, Кава розчинна, Кава мелена арабіка"),
    Group("Напої / Чай", "0902300000", "шт", "20%", _GRAMS, 560,
          "Чай чорний, Чай зелений, Чай трав'яний, Чай з чебрецем"),
    Group("Напої / Вода", "2201101900", "пляшка", "20%", _LITRES, 21,
          "Вода мінеральна газована, Вода негазована, Вода слабогазована"),
    Group("Напої / Соки", "2009895000", "шт.", "20%", _LITRES, 68,
          "Сік яблучний, Сік томатний, Нектар персиковий, Сік мультифрукт"),
    Group("Бакалія / Крупи", "1008100010", "шт", "20%", _GRAMS, 62,
          "Гречка, Рис довгий, Пшоно, Булгур, Крупа перлова"),
    Group("Бакалія / Макарони", "1902191000", "шт", "20 %", _GRAMS, 58,
          "Спагеті, Макарони ріжки, Вермішель, Пера"),
    Group("Бакалія / Олія", "1512199010", "пляшка", "20%", _LITRES, 89,
          "Олія соняшникова рафінована, Олія нерафінована, Олія оливкова"),
    Group("Бакалія / Спеції", "0910999100", "шт", "20%", "10 г=1; 20 г=1.8; 50 г=4", 14,
          "Перець чорний мелений, Паприка, Куркума, Суміш для плову"),
    Group("Молочні продукти", "0401209100", "шт", "20%", "400 г=0.5; 450 г=0.6; 870 г=1; 900 г=1.05", 47,
          "Молоко питне, Кефір, Ряжанка, Йогурт полуничний"),
    Group("Молочні продукти / Сири", "0406909900", "кг", "20%", _LOOSE, 410,
          "Сир твердий, Сир напівтвердий, Сир копчений, Бринза"),
    Group("Ковбаси", "1601009100", "кг", "20%", _LOOSE, 290,
          "Ковбаса варена, Ковбаса напівкопчена, Сосиски, Сардельки"),
    Group("Хліб", "1905903000", "шт", "20%", "300 г=0.7; 500 г=1; 700 г=1.3", 34,
          "Хліб житній, Батон, Хліб пшеничний, Лаваш"),
    Group("Солодощі / Шоколад", "1806329000", "шт", "20%", "85 г=0.9; 90 г=1; 200 г=2", 62,
          "Шоколад чорний, Шоколад молочний, Шоколад білий з горіхом"),
    Group("Солодощі / Печиво", "1905319900", "шт", "20%", _GRAMS, 120,
          "Печиво цукрове, Печиво вівсяне, Вафлі, Пряники"),
    Group("Солодощі / Цукерки", "1806905000", "Кг", "20%", _LOOSE, 265,
          "Цукерки шоколадні, Карамель, Ірис, Грильяж"),
    Group("Овочі", "0706100000", "кг", "20%", _LOOSE, 24,
          "Морква, Буряк, Капуста, Картопля, Цибуля"),
    Group("Фрукти", "0808108000", "кг", "20%", _LOOSE, 46,
          "Яблука, Груші, Сливи, Виноград"),
    Group("Консерви", "2005400000", "шт", "20%", _GRAMS, 88,
          "Горошок зелений, Кукурудза цукрова, Квасоля, Огірки мариновані"),
    Group("Заморожені продукти", "0710210000", "шт", "20%", _GRAMS, 160,
          "Вареники з картоплею, Пельмені, Суміш овочева, Млинці"),
    Group("Алкоголь / Пиво", "2203001000", "пляшка", "20% + акциз 5%", "0,33 л=0.8; 0,5 л=1; 1 л=1.9", 49,
          "Пиво світле, Пиво темне, Пиво пшеничне"),
    Group("Алкоголь / Вино", "2204219800", "пляшка", "20% + акциз 5%", "0,375 л=0.6; 0,75 л=1; 1,5 л=1.9", 245,
          "Вино червоне сухе, Вино біле сухе, Вино ігристе"),
    Group("Побутова хімія / Прання", "3402500000", "шт", "20%", "400 г=0.1; 1,5 кг=0.3; 3 кг=0.55; 6 кг=1", 1180,
          "Порошок пральний, Гель для прання, Кондиціонер"),
    Group("Побутова хімія / Посуд", "3402901000", "шт", "20%", "450 мл=0.5; 1 л=1; 5 л=4.2", 145,
          "Засіб для посуду, Гель для посуду, Засіб для скла"),
    Group("Гігієна", "3401300000", "шт.", "20%", "100 мл=0.5; 250 мл=1; 400 мл=1.4", 96,
          "Мило рідке, Гель для душу, Шампунь, Бальзам для волосся"),
    Group("Аптечка", "3005100000", "шт", "7%", _PIECES, 32,
          "Пластир, Бинт стерильний, Вата, Марля"),
    Group("Товари для тварин", "2309101100", "шт", "20%", "400 г=0.06; 2 кг=0.25; 10 кг=1", 1490,
          "Корм для котів, Корм для собак, Наповнювач"),
    Group("Господарські товари", "3923210000", "шт", "20%", _PIECES, 45,
          "Пакети для сміття, Плівка харчова, Фольга, Рукавички"),
    Group("Господарські товари / Тканини", "5208130000", "м", "20%", "ширина 45 см=0.5; ширина 80 см=1", 118,
          "Тканина вафельна, Бязь, Фланель"),
    Group("Побутова техніка", "8516797000", "шт", "20%", "0,8 л=0.6; 1,7 л=1; 2,2 л=1.4", 1499,
          "Чайник електричний, Термопот, Мультиварка"),
    Group("Преса", "4902900000", "шт", "без ПДВ", "№1=1; №2=1; №3=1; №4=1", 25,
          "Газета районна, Журнал кросвордів, Журнал садівника"),
)  # fmt: skip


def _barcode(number: int) -> str:
    body = f"482{number % 97:04}{number:05}"
    return f"{body}{check_digit(body)}"


_BARCODE, _TITLE, _PRICE, _PURCHASE, _UNIT, _VAT, _CODE = 0, 2, 4, 5, 6, 7, 8


class Fault(NamedTuple):
    """A row that no import may accept.

    Attributes:
        row: Its number among the rows of the price list, from 1.
        code: Name of the rule that it breaks.
        field: Field of the product that is wrong; None for the row as a whole.
        column: Where it is wrong.
        text: What stands there; for the row as a whole, what stands in an extra field behind it.
    """

    row: int
    code: str
    field: str | None
    column: int
    text: str


FAULTS = (
    Fault(64, "blank", "title", _TITLE, ""),
    Fault(233, "number_unreadable", "price", _PRICE, "за запитом"),
    Fault(402, "negative", "price", _PRICE, "-39,00"),
    Fault(571, "barcode_spreadsheet", "number", _BARCODE, "4,82E+12"),
    Fault(740, "barcode_zeros", "number", _BARCODE, "70000007408"),
    Fault(909, "barcode_check_digit", "number", _BARCODE, "4820036009095"),
    Fault(1078, "key_duplicate", "number", _BARCODE, _barcode(701)),
    Fault(1247, "unit_unknown", "unit_type_id", _UNIT, "ящ"),
    Fault(1416, "tax_unknown", "tax", _VAT, "14%"),
    Fault(1585, "blank", "price", _PRICE, ""),
    Fault(1754, "too_many_fields", None, _TITLE, "упаковка 6 шт"),
    Fault(1923, "number_ambiguous", "price", _PRICE, "12,345"),
    Fault(2092, "classifier_malformed", "classifier_code", _CODE, "3005-OO"),
    Fault(2261, "currency_foreign", "procurement_price", _PURCHASE, "$4.50"),
)
"""The bad rows, of many kinds."""


def make_rows() -> list[list[str]]:
    """Make the price list's rows, without the header."""
    random = Random(2026)  # noqa: S311  (a price list needs no secrets)
    goods = [(random.random(), number, *good) for number, group in enumerate(GROUPS) for good in group.goods()]
    chosen = sorted((number, title, price) for _, number, title, price in sorted(goods)[:ROWS])
    rows = [
        _make_row(row, GROUPS[number], title, price, random.random)
        for row, (number, title, price) in enumerate(chosen, start=1)
    ]
    for fault in FAULTS:
        if fault.field is None:
            rows[fault.row - 1].insert(fault.column + 1, fault.text)
        else:
            rows[fault.row - 1][fault.column] = fault.text
    return rows


def _make_row(number: int, group: Group, title: str, price: float, draw: Callable[[], float]) -> list[str]:
    kopecks = round(price * (0.8 + 0.4 * draw()) * 10) * 10
    purchase = round(kopecks * (0.62 + 0.2 * draw()))
    weighed = group.unit.casefold() == "кг"
    return [
        f"22{number:05}000000" if weighed else _barcode(number),
        f"{group.code[:4]}-{number:05}",
        title,
        group.category,
        _money(kopecks, " " if number % 2 else "\u00a0"),
        _money(purchase, " ") if number % 20 else "",
        group.unit,
        group.vat,
        group.code,
        f"{draw() * 80:.3f}".replace(".", ",") if weighed else str(round(draw() * 120)),
    ]


def _money(kopecks: int, space: str) -> str:
    hryvnias, rest = divmod(kopecks, 100)
    return f"{hryvnias:,}".replace(",", space) + f",{rest:02}"


def make_catalogue() -> bytes:
    """Make the whole file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADERS)
    writer.writerows(make_rows())
    return text.getvalue().encode("cp1251")


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("catalogue.csv")
    path.write_bytes(make_catalogue())
    print(f"{path.name}: {ROWS} rows, {len(FAULTS)} of them bad")
