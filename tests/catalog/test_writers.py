"""Files of outcomes, and rejected rows that can be fixed and imported again."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smartkasa_async.catalog.checks.check import Checker, ProductDraft
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.messages import reason_headers
from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind, RawRow
from smartkasa_async.catalog.problems import Problem, RuleViolationError
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.csv_file import CsvFile
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.catalog.sources.records import row_from_item
from smartkasa_async.catalog.sources.rows import Row
from smartkasa_async.catalog.sources.source import open_source
from smartkasa_async.catalog.writers import OutcomesCsv, RejectedFile, write_outcomes_csv, write_outcomes_jsonl
from smartkasa_async.models import ClassifierType, ProductCreate, TaxGroup
from tests.support.catalogue import MAPPINGS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEADERS = ("Штрихкод", "Назва", "Ціна")
ORIGIN = SourceLocation("list.csv", HeaderMatcher().match(HEADERS, file="list.csv"))
NEGATIVE = Problem.from_broken_rule(
    RuleViolationError("negative"), file="list.csv", line=3, field="price", column="Ціна", value="-5"
)


def read_csv(path: Path, encoding: str = "utf-8-sig", delimiter: str = ";") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def outcome(kind: OutcomeKind = OutcomeKind.REJECTED, *cells: str, location: SourceLocation = ORIGIN) -> Outcome:
    problems = (NEGATIVE,) if kind is OutcomeKind.REJECTED else ()
    return Outcome(row=2, line=3, key="4006381333931", kind=kind, problems=problems, raw=RawRow(location, cells))


def check_all(path: Path) -> list[ProductDraft | Outcome]:
    with CsvFile(path) as file:
        checker = Checker(SourceLocation(file.name, file.columns, file.encoding, file.header.delimiter), Units([]))
        return [checker.check(row) for row in file]


def only_row(path: Path) -> list[str]:
    (row,) = read_csv(path)[1:]
    return row


def test_outcomes_open_in_a_ukrainian_excel(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    warned = msgspec.structs.replace(outcome(OutcomeKind.CREATED), product_id="p-1", warnings=(NEGATIVE,))

    assert write_outcomes_csv(path, [warned, outcome()], language="uk") == 2

    assert path.read_bytes().startswith("\ufeffНомер;Рядок файлу;".encode())
    assert path.read_bytes().count(b"\r\n") == 3
    reason = "стовпець «Ціна»: «-5»: ціна менша за нуль; запишіть 0 або більше"
    assert read_csv(path)[1:] == [
        ["2", "3", "'4006381333931", "створено", "p-1", "", reason],
        ["2", "3", "'4006381333931", "відхилено", "", reason, ""],
    ]


def test_outcomes_can_be_told_in_english(tmp_path: Path) -> None:
    missing = Outcome(row=0, line=0, key="Кава", kind=OutcomeKind.MISSING)

    write_outcomes_csv(tmp_path / "outcomes.csv", [missing], language="en")

    assert read_csv(tmp_path / "outcomes.csv") == [
        ["Row", "Line", "Key", "Outcome", "Product id", "Reason", "Warnings"],
        ["", "", "Кава", "missing", "", "", ""],
    ]


@pytest.mark.parametrize("kind", OutcomeKind)
def test_every_outcome_has_a_word(tmp_path: Path, kind: OutcomeKind) -> None:
    write_outcomes_csv(tmp_path / "outcomes.csv", [outcome(kind)], language="uk")

    assert not only_row(tmp_path / "outcomes.csv")[3].isascii()


def test_a_formula_is_not_run(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://a.example";"Кава")'

    write_outcomes_csv(tmp_path / "outcomes.csv", [msgspec.structs.replace(outcome(), key=formula)], language="uk")

    assert only_row(tmp_path / "outcomes.csv")[2] == f"'{formula}"


def test_outcomes_are_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"

    assert write_outcomes_jsonl(path, [outcome(), outcome(OutcomeKind.CREATED)]) == 2

    first, second = (msgspec.json.decode(line) for line in path.read_bytes().splitlines())
    assert (first["kind"], first["key"], second["kind"]) == ("rejected", "4006381333931", "created")
    assert first["problems"] == [msgspec.to_builtins(NEGATIVE)]
    assert "raw" not in first


def test_a_file_takes_its_name_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text("before")

    with OutcomesCsv(path, language="uk") as file:
        file.write(outcome())
        assert path.read_text() == "before"

    assert len(read_csv(path)) == 2
    assert list(tmp_path.iterdir()) == [path]


def test_an_import_that_stops_leaves_its_outcomes(tmp_path: Path) -> None:
    def outcomes_then_stop() -> None:
        with OutcomesCsv(tmp_path / "outcomes.csv", language="uk") as file:
            file.write(outcome())
            raise ConnectionError

    with pytest.raises(ConnectionError):
        outcomes_then_stop()

    assert len(read_csv(tmp_path / "outcomes.csv")) == 2


def test_only_rows_to_be_mended_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"

    with RejectedFile(path, language="uk") as file:
        for number, kind in enumerate(OutcomeKind):
            file.write(outcome(kind, str(number), "Кава", "-5"))

    assert file.count == 2
    assert read_csv(path)[0] == [reason_headers()["uk"], *HEADERS]
    assert [row[1:] for row in read_csv(path)[1:]] == [
        [str(list(OutcomeKind).index(kind)), "Кава", "-5"] for kind in (OutcomeKind.REJECTED, OutcomeKind.CONFLICT)
    ]


def test_without_a_rejected_row_an_earlier_file_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    path.write_text("before")

    with RejectedFile(path, language="uk") as file:
        file.write(outcome(OutcomeKind.CREATED))
        assert path.exists()

    assert list(tmp_path.iterdir()) == []


def test_rows_of_two_sources_do_not_go_into_one_file(tmp_path: Path) -> None:
    other = SourceLocation("other.csv", ORIGIN.columns)

    with RejectedFile(tmp_path / "rejected.csv", language="uk") as file:
        file.write(outcome())
        with pytest.raises(ValueError, match=r"rejected\.csv holds rows of another source"):
            file.write(outcome(location=other))


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig", "cp866"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_rejected_rows_have_the_form_of_their_source(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "rejected.csv"
    cells = ["4006381333931", 'Кава "Їжак"; 1 кг, мелена\t', "-5"]
    location = msgspec.structs.replace(ORIGIN, encoding=encoding, delimiter=delimiter)

    with RejectedFile(path, language="uk") as rejected:
        rejected.write(outcome(OutcomeKind.REJECTED, *cells, location=location))

    (row,) = read_csv(path, encoding, delimiter)[1:]
    assert row[1:] == ["'4006381333931", *cells[1:]]
    assert "?" not in row[0]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")


def test_a_cell_that_another_program_wrapped_in_a_formula_is_read_from_the_rejected_rows(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"

    with RejectedFile(path, language="uk") as rejected:
        rejected.write(outcome(OutcomeKind.REJECTED, '="4006381333931"', "Кава", "5"))

    (draft,) = check_all(path)
    assert isinstance(draft, ProductDraft)
    assert draft.product.number == "4006381333931"


@pytest.mark.parametrize("language", ["uk", "en"])
def test_a_mended_file_is_imported_again(tmp_path: Path, language: str) -> None:
    source, again = tmp_path / "list.csv", tmp_path / "again.csv"
    source.write_bytes(
        "Назва;Штрихкод;Ціна;Залишок\r\n=Кава;4006381333931;-5;7\r\n-Чай;036000291452;5,5;1\r\nХліб;40063812;0,001;2\r\n".encode(
            "cp1251"
        )
    )
    with RejectedFile(again, language="en" if language == "en" else "uk") as rejected:
        for result in check_all(source):
            if isinstance(result, Outcome):
                rejected.write(result)
    assert rejected.count == 2

    again.write_bytes(again.read_bytes().replace(b";-5;", b";5;").replace(b";0,001;", b";1;"))
    drafts = check_all(again)

    assert [draft.product for draft in drafts if isinstance(draft, ProductDraft)] == [
        ProductCreate(title="=Кава", number="4006381333931", price=Decimal(5)),
        ProductCreate(title="Хліб", number="40063812", price=Decimal(1)),
    ]


def test_a_row_that_is_rejected_again_has_one_reason(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    path.write_bytes(
        f"{reason_headers()['uk']};Назва;Штрихкод;Ціна\r\nдавно;Кава;4006381333931;-5\r\n".encode("cp1251")
    )

    with RejectedFile(path, language="uk") as rejected:
        for result in check_all(path):
            assert isinstance(result, Outcome)
            rejected.write(result)

    assert read_csv(path, "cp1251") == [
        [reason_headers()["uk"], "Назва", "Штрихкод", "Ціна"],
        ["стовпець «Ціна»: «-5»: ціна менша за нуль; запишіть 0 або більше", "Кава", "'4006381333931", "-5"],
    ]


async def test_the_reason_is_no_column_that_a_user_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    path.write_bytes(f"{reason_headers()['uk']};Назва;Ціна;Знижка\r\nдавно;Кава;5;1\r\n".encode("cp1251"))

    async with open_source(path) as reader:
        assert reader.location.columns.unused == ("Знижка",)


def test_a_row_that_could_not_be_read_is_named_by_its_line(tmp_path: Path) -> None:
    problem = ORIGIN.problem(RuleViolationError("row_unreadable", detail="unexpected end of data"), 17)

    with RejectedFile(tmp_path / "rejected.csv", language="uk") as file:
        file.write(msgspec.structs.replace(outcome(), problems=(problem,)))

    assert only_row(tmp_path / "rejected.csv")[0].startswith("list.csv, рядок 17: рядок не читається")


def test_the_text_of_a_row_that_could_not_be_read_stands_behind_the_reason(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_bytes(f'{reason_headers()["uk"]};Назва;Ціна\r\nдавно;Кава;"5\r\n;Чай;6\r\n'.encode("cp1251"))

    with RejectedFile(tmp_path / "rejected.csv", language="uk") as file:
        for result in check_all(source):
            assert isinstance(result, Outcome)
            file.write(result)

    reason, text = read_csv(tmp_path / "rejected.csv", "cp1251")[1]
    assert reason.startswith("list.csv, рядок 2: рядок не читається")
    assert text == 'давно;Кава;"5\r\n;Чай;6'


@pytest.mark.parametrize(
    "product",
    [
        ProductCreate(title="Пиво", number="40063812", price=Decimal("49.125"), tax_group_id=TaxGroup.EXCISE_5),
        ProductCreate(
            title="Пиріг",
            price=Decimal("-1.5"),
            alter_number="007",
            unit_type_id=2009,
            sold_by_weight=False,
            classifier_type_id=ClassifierType.DKPP,
            classifier_code="10.71.11",
            bookmark_ids=[1, 2],
        ),
    ],
)
def test_a_product_of_the_callers_own_is_written_below_the_names_of_its_fields(
    tmp_path: Path, product: ProductCreate
) -> None:
    location = SourceLocation("", MAPPINGS.columns)
    result = Checker(location, Units([])).check(row_from_item(1, product, MAPPINGS))
    assert isinstance(result, Outcome)

    with RejectedFile(tmp_path / "rejected.csv", language="uk") as file:
        file.write(result)

    headers, row = read_csv(tmp_path / "rejected.csv")
    cells = {header: cell for header, cell in zip(headers, row, strict=True) if cell}
    del cells[reason_headers()["uk"]]
    price = "49.1250" if product.number else "-1.5"
    assert cells == (
        {"title": "Пиво", "number": "40063812", "price": price, "tax_group_id": "5"}
        if product.number
        else {
            "title": "Пиріг",
            "price": price,
            "alter_number": "'007",
            "unit_type_id": "2009",
            "sold_by_weight": "false",
            "dkpp_code": "10.71.11",
            "bookmark_ids": "1, 2",
        }
    )


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")).filter(lambda it: it[:1] != "'"),
        min_size=3,
        max_size=3,
    )
)
@example(["", "", "\t"])
def test_any_cell_is_read_again_as_it_was(tmp_path_factory: pytest.TempPathFactory, cells: Sequence[str]) -> None:
    path = tmp_path_factory.mktemp("any") / "rejected.csv"
    headers = ("Назва", "Ціна", "Артикул")
    location = SourceLocation("list.csv", HeaderMatcher().match(headers, file="list.csv"))
    checker = Checker(location, Units([]), "alter_number")
    first = checker.check(Row(1, 2, cells))

    with RejectedFile(path, language="uk") as file:
        file.write(msgspec.structs.replace(outcome(), raw=RawRow(location, cells)))
    second = checker.check(Row(1, 2, only_row(path)[1:]))

    if isinstance(first, ProductDraft):
        assert isinstance(second, ProductDraft)
        assert second.product == first.product
    else:
        assert isinstance(second, Outcome)
        assert [problem.code for problem in second.problems] == [problem.code for problem in first.problems]
