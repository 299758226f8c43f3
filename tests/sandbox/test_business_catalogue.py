"""The simulated business: catalogue, stock, shops, people."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from smartkasa_async.sandbox.business import Business, Simulation, simulate
from smartkasa_async.sandbox.schema import UNIT_TYPES


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(Simulation(shops=5, products=1500, days=1))


def ean13_is_valid(barcode: str) -> bool:
    return len(barcode) == 13 and sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(barcode)) % 10 == 0


def test_barcodes_articles_and_titles_are_valid_and_unique(business: Business) -> None:
    products = business.rows["products"]
    assert len(products) == 1500
    assert all(ean13_is_valid(row["number"]) for row in products)
    for column in ("id", "number", "alter_number", "title", "remote_id"):
        assert len({row[column] for row in products}) == 1500, column


def test_weighed_goods_have_in_store_barcodes(business: Business) -> None:
    products = business.rows["products"]
    assert {row["number"][0] for row in products if row["sold_by_weight"]} == {"2"}
    assert {row["number"][:3] for row in products if not row["sold_by_weight"]} == {"482"}
    assert {row["unit_type_id"] for row in products if row["sold_by_weight"]} == {301}
    assert {row["unit_type_id"] for row in products} <= {row["code"] for row in business.rows["unit_types"]}


def test_excise_goods_have_an_uktzed_code_and_only_they(business: Business) -> None:
    for row in business.rows["products"]:
        excise = row["tax_group_id"] in (5, 6, 7, 8, 9, 10)
        assert (row["classifier_type_id"] == 1) == excise
        assert (len(row["classifier_code"]) == 10) if excise else row["classifier_code"] is None


def test_prices_exceed_procurement_and_have_kopecks(business: Business) -> None:
    products = business.rows["products"]
    assert all(0 < row["procurement_price"] < row["price"] for row in products)
    assert len({row["price"] % 1 for row in products}) > 5
    assert {1, 2, 3, 4, 6, 9} == {row["tax_group_id"] for row in products}


def test_categories_make_a_tree_of_two_levels_that_counts_its_products(business: Business) -> None:
    categories = {row["id"]: row for row in business.rows["categories"]}
    counted = Counter(row["category_id"] for row in business.rows["products"])
    for row in categories.values():
        assert row["products_count"] == counted[row["id"]]
        if row["parent_id"]:
            assert categories[row["parent_id"]]["parent_id"] is None
            assert row["products_count"] > 0
        else:
            assert row["products_count"] == 0
    assert {row["partner_id"] for row in categories.values()} - {None} <= {
        row["id"] for row in business.rows["partners"]
    }


def test_each_shop_has_one_card_for_each_product_that_it_sells(business: Business) -> None:
    cards = business.rows["cards"]
    pairs = {(row["shop_id"], row["product_id"]): row["id"] for row in cards}
    assert len(pairs) == len(cards) == len({row["id"] for row in cards})
    assert all(row["count"] >= 0 for row in cards)
    shop_of = {row["id"]: row["shop_id"] for row in business.rows["receipts"]}
    for item in business.rows["receipt_items"]:
        assert pairs[shop_of[item["receipt_id"]], item["product_id"]] == item["stock_item_id"]


def test_shops_that_are_set_so_sell_excise_goods_and_others_do_not(business: Business) -> None:
    excise = {row["id"] for row in business.rows["products"] if row["classifier_code"]}
    for shop in business.rows["shops"]:
        sold = {row["product_id"] for row in business.rows["cards"] if row["shop_id"] == shop["id"]}
        assert bool(sold & excise) == shop["is_excise_taxation"]


def test_lines_carry_the_tax_group_that_the_shop_may_use(business: Business) -> None:
    products = {row["id"]: row for row in business.rows["products"]}
    shops = {row["id"]: row for row in business.rows["shops"]}
    shop_of = {row["id"]: row["shop_id"] for row in business.rows["receipts"]}
    groups: dict[tuple[bool, bool], set[int]] = {}
    for item in business.rows["receipt_items"]:
        shop = shops[shop_of[item["receipt_id"]]]
        groups.setdefault((shop["is_vat_taxation"], shop["is_excise_taxation"]), set()).add(item["tax_group_id"])
        if shop["is_vat_taxation"]:
            assert item["tax_group_id"] == products[item["product_id"]]["tax_group_id"]
    assert groups[True, True] >= {1, 6}
    assert groups[True, False] <= {1, 2, 3, 4}
    assert groups[False, False] == {0}
    assert groups[False, True] <= {4, 5, 8}


def test_terminals_and_employees_are_counted_and_belong_to_their_shop(business: Business) -> None:
    rows = business.rows
    registrars = [number for shop in rows["shops"] for number in shop["fiscal_numbers"]]
    assert len(set(registrars)) == len(registrars) == len(rows["terminals"])
    for shop in rows["shops"]:
        assert shop["terminals_count"] == sum(row["shop_id"] == shop["id"] for row in rows["terminals"])
        assert shop["employees_count"] == sum(row["shop_id"] == shop["id"] for row in rows["employees"])
        assert {row["registrar_fiscal_number"] for row in rows["shifts"] if row["shop_id"] == shop["id"]} <= set(
            shop["fiscal_numbers"]
        )
    for table in ("shops", "terminals", "employees", "roles", "unit_types", "partners", "subgroups", "z_reports"):
        assert len({row["id"] for row in rows[table]}) == len(rows[table]) > 0, table


def test_cashiers_are_employees_of_the_shop_and_print_their_full_name(business: Business) -> None:
    employees = {row["id"]: row for row in business.rows["employees"]}
    for shift in business.rows["shifts"]:
        cashier = employees[shift["employee_id"]]
        assert cashier["shop_id"] == shift["shop_id"]
        assert shift["opened_by"] == f"{cashier['first_name']} {cashier['middle_name']} {cashier['last_name']}"


def test_people_have_names_of_their_gender_and_taxpayer_numbers_of_their_birthday(business: Business) -> None:
    for row in business.rows["employees"]:
        male = row["gender_type_id"] == 1
        assert row["middle_name"].endswith("ович" if male else "на")
        assert int(row["inn"][8]) % 2 == male
        assert date(1899, 12, 31).toordinal() + int(row["inn"][:5]) == row["birthday"].toordinal()
        assert row["phone_number"].startswith("380")
        assert len(row["phone_number"]) == 12


def test_the_units_are_those_of_the_service() -> None:
    codes = {row["short_name"]: row["code"] for row in UNIT_TYPES}
    assert codes.items() >= {"шт": 2009, "кг": 301, "гр": 303, "м": 101, "год": 175, "хв": 178}.items()
    assert len(codes) == 11
