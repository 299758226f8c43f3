"""The goods that the simulated shops trade in: departments, categories and the words that make titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .money import WHOLE


@dataclass(frozen=True, slots=True)
class Unit:
    """Describe how goods are measured: the service's code, the short name, and how quantities come.

    `step` is the smallest amount that is sold, in thousandths of the unit; None where goods are weighed to the gram.
    """

    code: int
    name: str
    step: int | None


PIECE: Final = Unit(2009, "шт", WHOLE)
KILOGRAM: Final = Unit(301, "кг", None)
BOTTLE: Final = Unit(2061, "пляшка", WHOLE)
PORTION: Final = Unit(3011, "порція", WHOLE)
METRE: Final = Unit(101, "м", WHOLE // 2)
HOUR: Final = Unit(175, "год", WHOLE // 2)


@dataclass(frozen=True, slots=True)
class Assortment:
    """Describe the goods of one category.

    Attributes:
        department: title of the category above.
        title: title of the category.
        names, traits, sizes: words; each product's title takes one of each.
        prices: lowest and highest price of one unit, in whole hryvnias.
        share: how many products of the catalogue it has for each product of the smallest category.
        tax_group: code of the tax group where the shop pays VAT.
        unit: how the goods are measured.
        uktzed: УКТЗЕД code of ten digits, given for excise goods.
    """

    department: str
    title: str
    names: tuple[str, ...]
    traits: tuple[str, ...]
    sizes: tuple[str, ...]
    prices: tuple[int, int]
    share: int = 1
    tax_group: int = 1
    unit: Unit = PIECE
    uktzed: str | None = None


_FOOD: Final = "Продукти"
_FRESH: Final = "Овочі та фрукти"
_DRINKS: Final = "Напої"
_EXCISE: Final = "Підакцизні товари"
_HOME: Final = "Для дому"
_HEALTH: Final = "Здоров'я і преса"

ASSORTMENT: Final = (
    Assortment(
        _FOOD,
        "Хліб і випічка",
        ("Хліб пшеничний", "Хліб житній", "Батон", "Паляниця", "Рулет із маком"),
        ("з висівками", "на заквасці", "без дріжджів"),
        ("300 г", "450 г", "600 г"),
        (19, 68),
        share=4,
    ),
    Assortment(
        _FOOD,
        "Молочні продукти",
        ("Молоко", "Кефір", "Ряжанка", "Йогурт питний", "Сметана"),
        ("1 %", "2,5 %", "3,2 %"),
        ("200 г", "400 г", "870 г"),
        (24, 96),
        share=4,
    ),
    Assortment(
        _FOOD,
        "Бакалія",
        ("Крупа гречана", "Рис", "Вівсянка", "Макарони", "Борошно", "Цукор"),
        ("екстра", "преміум", "еко"),
        ("400 г", "800 г", "1 кг"),
        (22, 110),
        share=4,
    ),
    Assortment(
        _FOOD,
        "Сири на вагу",
        ("Сир твердий", "Сир м'який", "Бринза", "Сулугуні"),
        ("із коров'ячого молока", "з козячого молока"),
        ("45 %", "50 %"),
        (280, 690),
        share=2,
        unit=KILOGRAM,
    ),
    Assortment(
        _FRESH,
        "Овочі",
        ("Картопля", "Морква", "Буряк", "Цибуля", "Помідори", "Огірки"),
        ("з грядки", "від фермера"),
        ("перший сорт", "другий сорт", "добірний сорт"),
        (14, 130),
        share=3,
        unit=KILOGRAM,
    ),
    Assortment(
        _FRESH,
        "Фрукти",
        ("Яблука", "Груші", "Сливи", "Виноград", "Банани"),
        ("із саду", "від фермера"),
        ("перший сорт", "другий сорт"),
        (25, 165),
        share=3,
        unit=KILOGRAM,
    ),
    Assortment(
        _DRINKS,
        "Вода",
        ("Вода мінеральна", "Вода питна", "Вода джерельна", "Вода дитяча"),
        ("негазована", "слабогазована", "газована"),
        ("0,5 л", "1 л", "1,5 л"),
        (16, 89),
        share=3,
    ),
    Assortment(
        _DRINKS,
        "Гарячі напої",
        ("Еспресо", "Американо", "Капучино", "Какао", "Чай"),
        ("класичний смак", "з корицею", "з медом"),
        ("180 мл", "250 мл", "350 мл"),
        (30, 85),
        share=2,
        unit=PORTION,
    ),
    Assortment(
        _EXCISE,
        "Пиво",
        ("Пиво світле", "Пиво темне", "Пиво пшеничне"),
        ("фільтроване", "нефільтроване"),
        ("0,33 л", "0,5 л", "1 л"),
        (35, 98),
        share=2,
        tax_group=6,
        unit=BOTTLE,
        uktzed="2203000100",
    ),
    Assortment(
        _EXCISE,
        "Вино",
        ("Вино біле", "Вино червоне", "Вино рожеве"),
        ("сухе", "напівсухе", "напівсолодке"),
        ("0,375 л", "0,75 л"),
        (140, 490),
        share=2,
        tax_group=6,
        unit=BOTTLE,
        uktzed="2204218000",
    ),
    Assortment(
        _EXCISE,
        "Цигарки",
        ("Цигарки",),
        ("червоні", "сині", "срібні", "зелені"),
        ("20 шт", "25 шт"),
        (98, 145),
        tax_group=9,
        uktzed="2402209020",
    ),
    Assortment(
        _HOME,
        "Побутова хімія",
        ("Мило", "Порошок пральний", "Засіб для посуду", "Засіб для скла"),
        ("без запаху", "лимон", "лаванда"),
        ("300 мл", "500 мл", "1 л"),
        (28, 260),
        share=2,
    ),
    Assortment(
        _HOME,
        "Пакування і стрічки",
        ("Стрічка пакувальна", "Мотузка джутова", "Тасьма"),
        ("біла", "синя", "жовта"),
        ("10 мм", "25 мм"),
        (6, 38),
        unit=METRE,
    ),
    Assortment(
        _HOME,
        "Прокат",
        ("Прокат велосипеда", "Прокат самоката", "Прокат дриля"),
        ("будній", "вихідний"),
        ("базовий", "повний"),
        (60, 180),
        unit=HOUR,
    ),
    Assortment(
        _HEALTH,
        "Аптечка",
        ("Бинт", "Пластир", "Перекис водню", "Вугілля активоване"),
        ("для дорослих", "для дітей"),
        ("мала упаковка", "велика упаковка"),
        (12, 120),
        share=2,
        tax_group=2,
    ),
    Assortment(
        _HEALTH,
        "Тактична медицина",
        ("Турнікет", "Бандаж", "Джгут"),
        ("тактичний", "тренувальний"),
        ("1 шт", "2 шт"),
        (150, 980),
        tax_group=3,
    ),
    Assortment(
        _HEALTH,
        "Газети і книжки",
        ("Газета", "Журнал", "Книжка дитяча", "Кросворди"),
        ("міський випуск", "обласний випуск"),
        ("осінь", "зима"),
        (15, 240),
        tax_group=4,
    ),
)
"""The catalogue's make-up. The first category is sold in every shop."""
