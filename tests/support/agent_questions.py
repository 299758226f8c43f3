"""What owners, accountants and operators ask, the call that answers it, and what the business itself counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from tests.support.agent_business import Counted, kyiv_day, kyiv_hour

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["QUESTIONS", "Question"]

Arguments = "dict[str, Any] | Callable[[Counted], dict[str, Any]]"


@dataclass(frozen=True)
class Question:
    """A question, and its answer.

    Attributes:
        asked: The question, in Ukrainian or English.
        tool: The tool that answers it.
        arguments: Its arguments, as they are or as they follow from the business.
        right: What the business counts.
        found: Where the answer has it.
    """

    asked: str
    tool: str
    arguments: Any
    right: Callable[[Counted], Any]
    found: Callable[[dict[str, Any]], Any]

    def call(self, counted: Counted) -> dict[str, Any]:
        made: dict[str, Any] = self.arguments(counted) if callable(self.arguments) else self.arguments
        return made

    @property
    def is_of_days(self) -> bool:
        """Whether it is about days, which a store may not have."""
        return self.tool not in {"find_products", "stock_levels", "get_receipt"}


_MONTH = {"days": "2026-10"}
_FIFTEENTH = date(2026, 10, 15)
_LAST_WEEK = (date(2026, 10, 25), date(2026, 10, 31))


def money(amount: Any) -> str:
    return f"{Decimal(amount):.2f}"


def sales(**more: Any) -> dict[str, Any]:
    return {**_MONTH, **more}


def rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer["rows"]
    return found


def total(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda answer: answer["total"][name]


def first(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda answer: rows(answer)[0].get(name)


def of_key(key: str, name: str = "net") -> Callable[[dict[str, Any]], Any]:
    return lambda answer: next(row[name] for row in rows(answer) if row["key"] == key)


def count(answer: dict[str, Any]) -> Any:
    return answer["rows_in_all"]


def best(sums: dict[Any, Decimal]) -> Any:
    return max(sums, key=lambda key: sums[key])


def between(counted: Counted, first_day: date, last_day: date) -> list[dict[str, Any]]:
    return [row for row in counted.counted if first_day <= kyiv_day(row) <= last_day]


def of_type(counted: Counted, type_: int) -> list[dict[str, Any]]:
    return [row for row in counted.receipts if row["type"] == type_]


def shop_id(counted: Counted, index: int) -> int:
    found: int = counted.rows["shops"][index]["id"]
    return found


def card(counted: Counted) -> dict[str, Any]:
    """The only card of some product in the first shop."""
    found: dict[str, Any] = next(row for row in counted.rows["cards"] if row["shop_id"] == shop_id(counted, 0))
    return found


def worth(counted: Counted, price: str) -> Decimal:
    return sum(
        (
            (row["count"] * counted.product(row["product_id"])[price]).quantize(Decimal("0.01"), ROUND_HALF_UP)
            for row in counted.rows["cards"]
        ),
        Decimal(0),
    )


def sellers(counted: Counted) -> Counter[int]:
    return Counter(row["seller_id"] for row in counted.sales)


def months_net(counted: Counted) -> dict[Any, Decimal]:
    return counted.net_by(lambda row: f"{kyiv_day(row):%Y-%m}")


def categories(counted: Counted) -> dict[Any, Decimal]:
    return counted.lines_by(lambda line: counted.product(line.item["product_id"])["category_id"])


def quantities(counted: Counted) -> dict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in counted.lines:
        found[line.item["product_id"]] += line.sign * line.item["quantity"]
    return dict(found)


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def z_sum(counted: Counted, name: str) -> str:
    return money(sum(row[name] for row in counted.z_reports))


def tax(counted: Counted, letter: str) -> str:
    return money(
        sum(
            (-1 if row["type"] == 3 else 1) * Decimal(row["tax_amount"].get(letter) or 0) / 100
            for row in counted.counted
        )
    )


def taxed(counted: Counted) -> dict[str, Any]:
    return max(counted.sales, key=lambda row: (len(row["tax_amount"]), row["total_amount"]))


def below_cost(counted: Counted) -> set[str]:
    return {line.item["product_id"] for line in counted.lines if line.sign > 0 and line.amount < counted.cost(line)}


def priced_below(counted: Counted) -> list[dict[str, Any]]:
    return [row for row in counted.rows["products"] if row["price"] <= row["procurement_price"]]


QUESTIONS = [
    # The owner.
    Question("Який виторг за жовтень?", "sales_summary", _MONTH, lambda c: money(c.net()), total("net")),
    Question(
        "How much did we sell on 15 October, refunds taken off?",
        "sales_summary",
        {"days": "2026-10-15"},
        lambda c: money(c.net(between(c, _FIFTEENTH, _FIFTEENTH))),
        total("net"),
    ),
    Question("Скільки чеків продажу пробили?", "sales_summary", _MONTH, lambda c: len(c.sales), total("receipts")),
    Question(
        "What is the average sale?",
        "sales_summary",
        _MONTH,
        lambda c: money(round(sum(row["total_amount"] for row in c.sales) / len(c.sales), 2)),
        total("average"),
    ),
    Question(
        "На яку суму було повернень?",
        "sales_summary",
        _MONTH,
        lambda c: money(sum(row["total_amount"] for row in c.refunds)),
        total("refunds"),
    ),
    Question(
        "Which shop sells most?",
        "sales_summary",
        sales(group_by="shop"),
        lambda c: str(best(c.net_by(lambda row: row["shop_id"]))),
        first("key"),
    ),
    Question(
        "Який виторг крамниці №2?",
        "sales_summary",
        sales(shop="№2"),
        lambda c: money(c.net_by(lambda row: row["shop_id"])[shop_id(c, 1)]),
        total("net"),
    ),
    Question(
        "How much did the shop with this id sell?",
        "sales_summary",
        lambda c: sales(shop=shop_id(c, 2)),
        lambda c: money(c.net_by(lambda row: row["shop_id"])[shop_id(c, 2)]),
        total("net"),
    ),
    Question(
        "Який день жовтня був найкращий?",
        "sales_summary",
        sales(group_by="day"),
        lambda c: f"{best(c.net_by(kyiv_day))}",
        lambda answer: max(rows(answer), key=lambda row: Decimal(row["net"]))["key"],
    ),
    Question(
        "Which weekday sells best?",
        "sales_summary",
        sales(group_by="weekday"),
        lambda c: str(best(c.net_by(lambda row: kyiv_day(row).isoweekday()))),
        lambda answer: max(rows(answer), key=lambda row: Decimal(row["net"]))["key"],
    ),
    Question(
        "О котрій годині найбільше продажів?",
        "sales_summary",
        sales(group_by="hour"),
        lambda c: f"{best(c.net_by(kyiv_hour)):02}",
        lambda answer: max(rows(answer), key=lambda row: Decimal(row["net"]))["key"],
    ),
    Question(
        "What do we sell most of, by turnover?",
        "sales_summary",
        sales(group_by="product"),
        lambda c: c.best_product,
        first("key"),
    ),
    Question(
        "На скільки гривень продали найходовішого товару?",
        "sales_summary",
        sales(group_by="product"),
        lambda c: money(max(c.lines_by(lambda line: line.item["product_id"]).values())),
        first("net"),
    ),
    Question(
        "How many units of it?",
        "sales_summary",
        sales(group_by="product"),
        lambda c: plain(quantities(c)[c.best_product]),
        first("quantity"),
    ),
    Question(
        "Яка категорія приносить найбільше?",
        "sales_summary",
        sales(group_by="category"),
        lambda c: best(categories(c)),
        first("key"),
    ),
    Question(
        "How much does it bring in?",
        "sales_summary",
        sales(group_by="category"),
        lambda c: money(max(categories(c).values())),
        first("net"),
    ),
    Question(
        "Скільки заплатили готівкою?",
        "sales_summary",
        sales(group_by="payment_means"),
        lambda c: money(c.means()[0]),
        of_key("0"),
    ),
    Question(
        "And how much by card?",
        "sales_summary",
        sales(group_by="payment_means"),
        lambda c: money(c.means()[1]),
        of_key("1"),
    ),
    Question(
        "Хто з касирів продав найбільше?",
        "sales_summary",
        sales(group_by="cashier"),
        lambda c: str(best(c.net_by(lambda row: row["seller_id"]))),
        first("key"),
    ),
    Question(
        "How many sales did the cashier with the highest turnover make?",
        "sales_summary",
        sales(group_by="cashier"),
        lambda c: sellers(c)[best(c.net_by(lambda row: row["seller_id"]))],
        first("receipts"),
    ),
    Question(
        "Скільки продали тижнем раніше, ніж останній тиждень жовтня?",
        "sales_summary",
        {"days": "2026-10-25..2026-10-31", "compare_to": "week"},
        lambda c: money(c.net(between(c, date(2026, 10, 18), date(2026, 10, 24)))),
        total("before"),
    ),
    Question(
        "By how many per cent did the last week change?",
        "sales_summary",
        {"days": "2026-10-25..2026-10-31", "compare_to": "previous"},
        lambda c: change(c.net(between(c, *_LAST_WEEK)), c.net(between(c, date(2026, 10, 18), date(2026, 10, 24)))),
        lambda answer: answer["total"].get("change_percent"),
    ),
    Question(
        "Скільки днів жовтня минуло без жодного продажу?",
        "sales_summary",
        sales(group_by="day"),
        lambda c: 31 - len({kyiv_day(row) for row in c.sales}),
        lambda answer: sum(not row["receipts"] for row in rows(answer)),
    ),
    Question(
        "What is the turnover of each month from September?",
        "sales_summary",
        {"days": "2026-09..2026-10", "group_by": "month"},
        lambda c: ["0.00", money(months_net(c)["2026-10"])],
        lambda answer: [row["net"] for row in rows(answer)],
    ),
    Question(
        "Який у нас прибуток за місяць?",
        "margins",
        _MONTH,
        lambda c: money(sum(c.profit_by_product().values())),
        total("profit"),
    ),
    Question(
        "What did the goods that were sold cost us?",
        "margins",
        _MONTH,
        lambda c: money(sum(line.sign * c.cost(line) for line in c.lines)),
        total("cost"),
    ),
    Question(
        "Який товар найприбутковіший?",
        "margins",
        _MONTH,
        lambda c: best(c.profit_by_product()),
        first("product_id"),
    ),
    Question(
        "Did we sell anything below its purchase price?",
        "margins",
        sales(which="sold_below_cost"),
        lambda c: len(below_cost(c)),
        count,
    ),
    Question(
        "Скільки ми втратили, продаючи нижче закупівельної ціни?",
        "margins",
        _MONTH,
        lambda c: money(
            sum(c.cost(line) - line.amount for line in c.lines if line.sign > 0 and line.amount < c.cost(line))
        ),
        total("lost_below_cost"),
    ),
    Question(
        "Which products are priced at or below what we pay?",
        "margins",
        sales(which="priced_below_cost"),
        lambda c: sorted(row["id"] for row in priced_below(c)),
        lambda answer: sorted(row["product_id"] for row in rows(answer)),
    ),
    # The accountant.
    Question(
        "Скільки ПДВ за літерою А?",
        "sales_summary",
        _MONTH,
        lambda c: tax(c, "А"),
        lambda answer: answer["taxes"]["А"],
    ),
    Question(
        "What is the turnover at VAT 20 %?",
        "sales_summary",
        sales(group_by="tax_group"),
        lambda c: money(c.lines_by(lambda line: line.item["tax_group_id"])[1]),
        of_key("1"),
    ),
    Question(
        "Чи сходяться податкові групи із загальним оборотом?",
        "sales_summary",
        sales(group_by="tax_group"),
        lambda c: money(c.net()),
        lambda answer: money(sum(Decimal(row["net"]) for row in rows(answer))),
    ),
    Question(
        "Do the means of payment come to the turnover?",
        "sales_summary",
        sales(group_by="payment_means"),
        lambda c: money(c.net()),
        lambda answer: money(sum(Decimal(row["net"]) for row in rows(answer))),
    ),
    Question("Скільки Z-звітів за жовтень?", "z_reports", _MONTH, lambda c: len(c.z_reports), count),
    Question(
        "What are the sales by the Z-reports?", "z_reports", _MONTH, lambda c: z_sum(c, "sale_total"), total("sales")
    ),
    Question(
        "Скільки повернень за Z-звітами?", "z_reports", _MONTH, lambda c: z_sum(c, "refund_total"), total("refunds")
    ),
    Question(
        "How much of it was cash, by the Z-reports?",
        "z_reports",
        _MONTH,
        lambda c: z_sum(c, "sale_cash_total"),
        total("sales_cash"),
    ),
    Question(
        "А безготівкою за Z-звітами?",
        "z_reports",
        _MONTH,
        lambda c: z_sum(c, "sale_cashless_total"),
        total("sales_cashless"),
    ),
    Question(
        "How many receipts do the Z-reports count?",
        "z_reports",
        _MONTH,
        lambda c: sum(row["sale_receipts_count"] + row["refund_receipts_count"] for row in c.z_reports),
        total("receipts"),
    ),
    Question(
        "Який фіскальний номер Z-звіту крамниці №1 за 5 жовтня?",
        "z_reports",
        {"days": "2026-10-05", "shop": "№1"},
        lambda c: [
            row["fiscal_number"]
            for row in c.z_reports
            if row["shop_id"] == shop_id(c, 0) and kyiv_day(row) == date(2026, 10, 5)
        ],
        lambda answer: [row["fiscal_number"] for row in rows(answer)],
    ),
    Question(
        "How many refunds were there?", "find_receipts", sales(kind="refund"), lambda c: len(of_type(c, 3)), count
    ),
    Question(
        "Яке повернення найбільше?",
        "find_receipts",
        sales(kind="refund", order="largest"),
        lambda c: money(max(row["total_amount"] for row in c.refunds)),
        first("total"),
    ),
    Question(
        "How often was cash put into the drawer?",
        "find_receipts",
        sales(kind="cash_in"),
        lambda c: len(of_type(c, 1)),
        count,
    ),
    Question(
        "Скільки разів видавали готівку з каси?",
        "find_receipts",
        sales(kind="cash_out"),
        lambda c: len(of_type(c, 2)),
        count,
    ),
    Question(
        "How many cancellations?", "find_receipts", sales(kind="cancellation"), lambda c: len(of_type(c, 4)), count
    ),
    Question(
        "Скільки чеків понад 2000 грн?",
        "find_receipts",
        sales(kind="sale", total_from="2000,01"),
        lambda c: sum(row["total_amount"] > 2000 for row in of_type(c, 0)),
        count,
    ),
    Question(
        "How many receipts below 50 hryvnias on 3 October?",
        "find_receipts",
        {"days": "03.10.2026", "kind": "sale", "total_to": "49.99"},
        lambda c: sum(row["total_amount"] < 50 and kyiv_day(row) == date(2026, 10, 3) for row in of_type(c, 0)),
        count,
    ),
    Question(
        "Який фіскальний номер найбільшого чека місяця?",
        "find_receipts",
        sales(kind="sale", order="largest"),
        lambda c: c.largest_sale["fiscal_number"],
        first("fiscal_number"),
    ),
    Question(
        "What does one receipt contain?",
        "get_receipt",
        lambda c: {"number": c.largest_sale["id"]},
        lambda c: [money(item["amount"]) for item in c.largest_sale["items"]],
        lambda answer: [row["amount"] for row in rows(answer)],
    ),
    Question(
        "Як оплатили чек із цим фіскальним номером?",
        "get_receipt",
        lambda c: {"number": c.largest_sale["fiscal_number"]},
        lambda c: [money(payment["amount"]) for payment in c.largest_sale["payment_transactions"]],
        lambda answer: [payment["amount"] for payment in answer["payments"]],
    ),
    Question(
        "What taxes does it state?",
        "get_receipt",
        lambda c: {"number": taxed(c)["id"]},
        lambda c: {letter: money(Decimal(amount) / 100) for letter, amount in taxed(c)["tax_amount"].items() if amount},
        lambda answer: answer["taxes"],
    ),
    Question(
        "Де його може перевірити покупець?",
        "get_receipt",
        lambda c: {"number": c.largest_sale["id"]},
        lambda c: f"id={c.largest_sale['fiscal_number']}&date={kyiv_day(c.largest_sale):%Y%m%d}",
        lambda answer: answer["receipt"]["tax_service_page"].partition("?")[2].partition("&time")[0],
    ),
    # The operator.
    Question(
        "How much is the product with this barcode?",
        "find_products",
        lambda c: {"text": c.product(c.best_product)["number"]},
        lambda c: money(c.product(c.best_product)["price"]),
        first("price"),
    ),
    Question(
        "Яка закупівельна ціна товару з цим артикулом?",
        "find_products",
        lambda c: {"text": c.product(c.best_product)["alter_number"]},
        lambda c: money(c.product(c.best_product)["procurement_price"]),
        first("purchase_price"),
    ),
    Question(
        "Which barcode does the product with our own id have?",
        "find_products",
        lambda c: {"text": c.product(c.best_product)["remote_id"]},
        lambda c: c.product(c.best_product)["number"],
        first("barcode"),
    ),
    Question(
        "Скільки в нас видів молока?",
        "find_products",
        {"text": "молоко"},
        lambda c: sum("молоко" in row["title"].casefold() for row in c.rows["products"]),
        count,
    ),
    Question("How many products are in the catalogue?", "find_products", {}, lambda c: len(c.rows["products"]), count),
    Question(
        "Скільки цього товару лишилося в крамниці №1?",
        "stock_levels",
        lambda c: {"text": c.product(card(c)["product_id"])["number"], "shop": "№1"},
        lambda c: plain(card(c)["count"]),
        first("count"),
    ),
    Question(
        "What runs out: at most ten left?",
        "stock_levels",
        {"at_most": "10"},
        lambda c: sum(row["count"] <= 10 for row in c.rows["cards"]),
        count,
    ),
    Question(
        "На яку суму товару на полицях за цінами продажу?",
        "stock_levels",
        {},
        lambda c: money(worth(c, "price")),
        total("worth"),
    ),
    Question(
        "And by purchase prices?",
        "stock_levels",
        {},
        lambda c: money(worth(c, "procurement_price")),
        total("worth_by_purchase_prices"),
    ),
    Question(
        "У скількох чеках був найходовіший товар?",
        "find_receipts",
        lambda c: sales(product=next(iter(articles(c)))),
        lambda c: sum(any(item["sku"] == next(iter(articles(c))) for item in row["items"]) for row in c.receipts),
        count,
    ),
    Question(
        "How many receipts did this cashier make on 15 October?",
        "find_receipts",
        lambda c: {"days": "2026-10-15", "cashier_id": sellers(c).most_common(1)[0][0]},
        lambda c: sum(
            row["seller_id"] == sellers(c).most_common(1)[0][0] and kyiv_day(row) == _FIFTEENTH for row in c.receipts
        ),
        count,
    ),
    Question(
        "Скільки разів каси переходили в офлайн і поверталися?",
        "find_receipts",
        sales(kind="offline"),
        lambda c: len(of_type(c, 102)) + len(of_type(c, 103)),
        count,
    ),
]
"""The questions; those on whether all agrees stand in their own tests, since faults change their answers."""


def articles(counted: Counted) -> set[str]:
    return {counted.product(counted.best_product)["alter_number"]}


def change(now: Decimal, before: Decimal) -> str | None:
    return f"{round((now - before) / before * 100, 1):+f}" if before > 0 else None
