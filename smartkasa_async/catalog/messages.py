"""The reasons of all problems: what is wrong and what to do.

The names in braces are filled with the details of the broken rule, or are arguments of the import.
`docs/import-messages.md` is made of this table.
"""

from __future__ import annotations

from functools import cache
from typing import get_args

from smartkasa_async._i18n.message import N_, Argument, argument
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async.jobs.outcomes import Reason

ARGUMENTS: dict[str, Argument] = {
    name: argument(name) for name in ("delete_limit", "delete_missing", "key", "mode", "overwrite_changed")
} | {f"hidden_{word}": argument("hidden", word) for word in ("skip", "take")}
"""What messages call as the user does: by the argument's name, or by its option."""


@cache
def reason_headers() -> dict[Language, str]:
    """List the headers of the column of reasons in a file of rejected rows; an import leaves the column alone."""
    header = N_("Reason of rejection")
    return {language: in_language(header, language) for language in get_args(Language)}


_ROW = {
    "row_unreadable": Reason(
        N_(
            "the row cannot be read ({detail}); a quote is probably left open or not doubled: close, double or "
            "remove it"
        )
    ),
    "row_cut": Reason(
        N_(
            "the file ends in the middle of this row ({detail}); export or upload it anew, "
            "or put an end of line at its end if the row is complete"
        )
    ),
    "record_unreadable": Reason(N_("the record cannot be read ({detail}); export the file anew, or fix the line")),
    "keys_conflict": Reason(N_("{detail} mean the same and have different values; leave one of them")),
    "category_undefined": Reason(
        N_("the feed does not define the category {detail}; add it to <categories>, or give the product another one")
    ),
    "too_many_fields": Reason(
        N_("{found} fields where the header has {expected}; put a value that contains the separator in quotes")
    ),
    "blank": Reason(N_("the value is missing; fill it in, or remove the row where it is no product")),
    "header_repeated": Reason(N_("the headers of the table once more"), "warning"),
    "section_title": Reason(
        N_("nothing but a title, as of a section; if it is a product, fill in its other cells"), "warning"
    ),
    "total_row": Reason(N_("a total; if it is a product, fill in its barcode or article"), "warning"),
    "signature_row": Reason(N_("a signature or a note; if it is a product, fill in its price and barcode"), "warning"),
    "row_no_product": Reason(N_("one row is no product: {rows}; if it is one, fill in its other cells"), "warning"),
    "rows_no_products": Reason(
        N_("{count} rows are no products: {rows}; if one of them is, fill in its other cells"), "warning"
    ),
    "line_break": Reason(N_("a line break inside the value; remove it, or close the quote that was left open")),
    "letters_unreadable": Reason(N_("some letters cannot be read; save the file as UTF-8 or Windows-1251")),
    "letters_garbled": Reason(
        N_("the letters are garbled: some program took their encoding for another one; write them anew")
    ),
    "title_long": Reason(
        N_("{found} characters: probably a description; a receipt has room for a short title only"), "warning"
    ),
}

_CONVERTED = {
    "cell_date": Reason(
        N_(
            "a spreadsheet or another program has made a date of the value; make the column text and enter the "
            "value anew, "
            "or put an apostrophe in front if it is meant as it stands"
        )
    ),
    "cell_time": Reason(
        N_(
            "a spreadsheet or another program has made a time of the value; make the column text and enter the "
            "value anew, "
            "or put an apostrophe in front if it is meant as it stands"
        )
    ),
    "cell_boolean": Reason(
        N_(
            "a spreadsheet or another program has made yes or no (a logical value) of the value; make the column "
            "text and "
            "enter the value anew, or put an apostrophe in front if it is meant as it stands"
        )
    ),
    "cell_exponent": Reason(
        N_(
            "a spreadsheet has shortened the value to a number with an exponent, and its digits are lost; make "
            "the column "
            "text and enter the value anew, or put an apostrophe in front if it is meant as it stands"
        )
    ),
    "digits_lost": Reason(
        N_(
            "a number that was kept with fewer digits than it may have had, so some may be lost; enter the value "
            "anew as "
            "text, or read a table's prices as decimals or 64-bit floats"
        )
    ),
    "cell_error": Reason(
        N_("the cell shows an error of a formula and no value; correct the formula, or write the value itself")
    ),
    "cell_narrow": Reason(
        N_(
            "the column was too narrow when the table was saved, so there are signs instead of the value; widen "
            "the column "
            "and save the table anew"
        )
    ),
    "cell_formula": Reason(
        N_(
            "the cell has a formula whose result is not in the file; open the file in a spreadsheet program, "
            "save it, and "
            "import it then"
        )
    ),
}

_VALUE = {
    "flag_unknown": Reason(N_("neither yes nor no; write так or ні")),
    "id_malformed": Reason(N_("not an id of the service; take it from there, or leave the cell empty")),
}

_KEY = {
    "key_missing": Reason(
        N_("the row lacks {field}, the key by which its product is found; {remedy}, or choose another key: {option}")
    ),
    "key_duplicate": Reason(N_("the same key is already in line {line}; leave one of the two rows")),
}

_MONEY = {
    "number_unreadable": Reason(N_("not a number; write it as 1299,50")),
    "number_ambiguous": Reason(N_("three digits after the separator: a fraction or thousands? Write 1299,50 or 1 299")),
    "currency_foreign": Reason(N_("the price is not in hryvnias; convert it")),
    "negative": Reason(N_("the price is below zero; write 0 or more")),
    "price_too_large": Reason(N_("too large for a price; probably another column's value")),
    "kopecks_fraction": Reason(N_("the price is finer than a kopeck; round it to two decimals")),
    "cost_rounded": Reason(N_("the purchase price is finer than a kopeck; {rounded} goes into the service"), "warning"),
    "price_zero": Reason(N_("the till would sell it for nothing; write the price, unless it is a gift"), "warning"),
    "price_below_cost": Reason(
        N_("the purchase price is above the sale price ({price}); check both, they may be swapped"), "warning"
    ),
}

_BARCODE = {
    "barcode_spreadsheet": Reason(
        N_("a spreadsheet has shortened the barcode, its digits are lost; make the column text and enter it anew")
    ),
    "barcode_characters": Reason(N_("a barcode has digits only; remove the other characters")),
    "barcode_zeros": Reason(N_("{found} digits: the leading zeros are probably lost; if so, write {candidate}")),
    "barcode_length": Reason(N_("{found} digits where a barcode has 8, 12, 13 or 14; enter it anew from the package")),
    "barcode_check_digit": Reason(N_("the check digit should be {expected}; compare the barcode with the package")),
}

_CLASSIFIER = {
    "classifier_malformed": Reason(
        N_(
            "not a code of goods: УКТ ЗЕД has 10 digits, ДКПП the form 10.11.12-00.00; take it from the "
            "supplier's invoice"
        )
    ),
    "classifier_zero": Reason(N_("{found} digits: the leading zero is probably lost; if so, write {candidate}")),
    "classifier_spreadsheet": Reason(
        N_("a spreadsheet has made a number or a date of the code; make the column text and enter the code anew")
    ),
    "classifier_owed": Reason(
        N_(
            "excise goods are sold with their УКТ ЗЕД code (law 265/95-ВР, article 3); take it from the "
            "supplier's invoice"
        )
    ),
    "classifier_short": Reason(
        N_("{found} digits name a group of goods; for excise goods a receipt owes all 10"), "warning"
    ),
    "classifier_long": Reason(
        N_("{found} digits where a code of goods has 10; compare it with the supplier's invoice"), "warning"
    ),
}

_TAX = {
    "tax_unknown": Reason(N_("no tax group for this rate; write 20%, 7%, 0% or без ПДВ, with excise 20% + акциз 5%")),
    "tax_letter_unknown": Reason(
        N_("each till has its own meaning for this tax letter; write the rate: 20%, 7%, 0%, без ПДВ or 20% + акциз 5%")
    ),
    "tax_contradicts": Reason(N_("several rates or letters that contradict each other; leave the right one")),
    "tax_letter_inferred": Reason(
        N_("the letter was taken for {meaning}; if it means something else in your file, write the rate instead"),
        "warning",
    ),
    "tax_group_unknown": Reason(N_("not the number of a tax group; write 0 to 10")),
}

_LOOKUP = {
    "unit_unknown": Reason(
        N_("the service has no such unit of measure; it has: {known}; name the one that is meant by {option}")
    ),
    "category_ambiguous": Reason(
        N_("the service has several categories with this title; give the path, as in Напої / Кава, or rename one")
    ),
    "category_not_created": Reason(
        N_("the category could not be created: {detail}; fix its title or create it by hand")
    ),
    "category_unknown": Reason(
        N_("it is unknown whether the category was created: {detail}; import the row again later")
    ),
}

_SOURCE = {
    "column_chosen": Reason(
        N_("of several columns this one is taken; not used: {others}; to take another: {option}"), "warning"
    ),
    "barcodes_unused": Reason(
        N_("the column holds barcodes, but is not used for them; to use it: {option}"), "warning"
    ),
    "rows_hidden_taken": Reason(
        N_(
            "rows of the sheet are hidden, by hand, by a filter or in a closed group, and are read like the others "
            "({count}: {rows}); to leave them out, give {hidden_skip}"
        ),
        "warning",
    ),
    "rows_hidden_skipped": Reason(
        N_(
            "rows of the sheet are hidden, by hand, by a filter or in a closed group, and were left out "
            "({count}: {rows})"
        ),
        "warning",
    ),
    "columns_hidden": Reason(N_("columns of the sheet are hidden and are used all the same: {columns}"), "warning"),
    "end_doubtful": Reason(
        N_(
            "the last line has no end of line, so this value may be the beginning of a longer one; compare it with the "
            "program that wrote the file"
        ),
        "warning",
    ),
    "invisible_removed": Reason(
        N_(
            "characters that cannot be seen, such as zero-width spaces and marks of direction, were removed from "
            "{count} "
            "cells or headers, from this line on"
        ),
        "warning",
    ),
    "source_other": Reason(
        N_(
            "the file is not as it was when the import was stopped: all rows are compared with the service, and what "
            "differs is changed"
        ),
        "warning",
    ),
}

_DRY_RUN = {
    "category_absent": Reason(N_("the service has no such category; the import will create it"), "warning"),
}

_SERVICE = {
    "refused": Reason(N_("the service refused it: {detail}; fix the value and import the row again")),
    "not_sent": Reason(N_("not sent, since the import stopped: {detail}; remove the cause and import the row again")),
    "conflict": Reason(
        N_("the service has {count} products with this key; leave one of them there, then import the row again")
    ),
    "conflict_unreadable": Reason(
        N_(
            "the service has a product with this key that cannot be read: {record}; correct it in the cabinet, "
            "then import "
            "the row again"
        )
    ),
    "in_doubt_unreadable": Reason(
        N_(
            "the service has a product with this key that cannot be read: {record}; look it up there before "
            "importing the "
            "row again"
        )
    ),
    "category_unreadable": Reason(
        N_(
            "the service has a category of this title that cannot be read: {record}; correct it in the cabinet, then "
            "import the row again"
        )
    ),
    "card_unreadable": Reason(
        N_(
            "the service has a stock card of this product that cannot be read: {record}; correct it in the "
            "cabinet, then "
            "set the count again"
        )
    ),
    "records_unreadable": Reason(N_("{operation}: {count} records of the service cannot be read: {records}")),
    "key_not_shown": Reason(
        N_(
            "the service has a product of this title but does not show its key, so it may be another one; "
            "import with another {key}, such as number"
        )
    ),
    "in_doubt": Reason(
        N_(
            "it is unknown whether the service has the product: {detail}; look it up there before importing the "
            "row again"
        )
    ),
    "in_doubt_several": Reason(
        N_(
            "the answer was lost, and the service has {count} products that may be it; leave one of them there, "
            "then import the row again"
        )
    ),
    "in_doubt_differs": Reason(
        N_(
            "the answer was lost, and the service has a product with this key that is not as it was sent; "
            "look at it there, then import the row again to change it"
        )
    ),
    "in_doubt_not_shown": Reason(
        N_(
            "the answer was lost, and the service has a product of this title but does not show its key; "
            "look it up there before importing the row again"
        )
    ),
    "change_in_doubt": Reason(N_("it is unknown whether the product was changed: {detail}; import the row again")),
    "order_differs": Reason(
        N_(
            "the service answers a batch of products in another order than it was sent, so their ids were found "
            "by their "
            "keys; ids of rows before that may be those of other rows: import the file again to compare all"
        ),
        "warning",
    ),
    "order_unchecked": Reason(
        N_(
            "the service's answers do not show whether it answers products in the order in which they were sent; "
            "import the file again to compare all"
        ),
        "warning",
    ),
    "failed_each_time": Reason(
        N_("the service failed each time and does not have the product; import the row again later")
    ),
    "product_deleted": Reason(
        N_("the product was deleted in the service while the import ran; import the row again to create it")
    ),
    "exists_already": Reason(
        N_("the service has the product already, and it was left as it is; to change it, import with {mode} upsert"),
        "warning",
    ),
    "missing_not_deleted": Reason(
        N_("not in the source, left in the service; to delete such products, import with {delete_missing}"), "warning"
    ),
    "missing_kept": Reason(
        N_("not in the source, but the service did not delete it: {detail}; delete it there"), "warning"
    ),
    "missing_in_doubt": Reason(
        N_("not in the source, and it is unknown whether the service deleted it: {detail}; look it up there"), "warning"
    ),
    "missing_source_empty": Reason(
        N_(
            "the source has no rows, so none of the {count} products was deleted; see whether it is the whole "
            "price list"
        )
    ),
    "missing_source_cut": Reason(
        N_(
            "the file ends in the middle of a row, so none of the {count} products that it lacks was deleted; "
            "export or upload it anew"
        )
    ),
    "missing_end_doubtful": Reason(
        N_(
            "the last line of the file has no end of line, and nothing shows that the file goes no further, so "
            "none of the "
            "{count} products that it lacks was deleted; put an end of line at its end if it is whole"
        )
    ),
    "missing_over_limit": Reason(
        N_(
            "{count} products are not in the source, but at most {limit} may be deleted, so none was; "
            "see whether the source is whole, then raise {delete_limit}"
        )
    ),
    "missing_rows_hidden": Reason(
        N_(
            "nothing was deleted, since {count} hidden rows were left out, and their products would have counted as "
            "missing; show the rows, or give {hidden_take}"
        )
    ),
    "missing_rows_unread": Reason(
        N_("nothing was deleted, since {count} rows have no readable key; fix or remove them and import again")
    ),
}

_STOCK = {
    "count_missing": Reason(N_("the count is missing; write it, or 0 where nothing is left")),
    "count_unreadable": Reason(N_("not a count; write the number alone, as 12 or 1,5")),
    "count_ambiguous": Reason(N_("three digits after the separator: a fraction or thousands? Write 1,2500 or 1 250")),
    "count_negative": Reason(N_("the count is below zero; write what is really there, 0 or more")),
    "count_too_large": Reason(N_("too large for a count; probably another column's value")),
    "count_fine": Reason(N_("the count is finer than a thousandth; round it to three decimals")),
    "count_duplicate": Reason(
        N_(
            "the product is in line {line} too, and it is unknown which count is right; leave one row with the "
            "whole count"
        )
    ),
    "product_unknown": Reason(N_("the service has no product with this key; import the product first, or fix the key")),
    "cards_several": Reason(
        N_("the product has {count} stock cards in this shop; leave one of them there, then sync the row again")
    ),
    "card_changed": Reason(
        N_(
            "the card changed meanwhile, probably by a sale (it had {before}, now {now}), and was left as it is; "
            "count the product anew and sync the row again"
        )
    ),
    "card_appeared": Reason(
        N_("someone else created a card meanwhile (it has {now}), and it was left as it is; sync the row again")
    ),
    "card_deleted": Reason(N_("the card was deleted meanwhile; sync the row again to create one")),
    "count_in_doubt": Reason(
        N_(
            "the answer was lost, and the card has {now}, neither the count before ({before}) nor the new one "
            "({count}); "
            "count the product anew and sync the row again"
        )
    ),
    "count_not_read": Reason(
        N_("it is unknown whether the card was changed: {detail}; look at it in the service, then sync the row again")
    ),
    "count_not_set": Reason(
        N_("the card was not changed, since the sync stopped: {detail}; remove the cause and sync again")
    ),
    "count_failed": Reason(N_("the service failed each time, and the card is as it was; sync the row again later")),
    "undo_card_changed": Reason(
        N_(
            "the card has {now} and not what the sync had set ({after}), probably since something was sold; it "
            "was left; "
            "set the count by hand, or undo with {overwrite_changed}"
        )
    ),
    "undo_card_deleted": Reason(N_("the card was deleted since the sync; create one by hand if it is still needed")),
}

_PLAN = {
    "plan_category_absent": Reason(
        N_("the service has no such category, and a plan creates none; create it there, or write one that it has")
    ),
    "plan_not_undoable": Reason(
        N_("the service has nothing there yet and cannot be given nothing again, so it could not be undone; import it")
    ),
    "plan_card_missing": Reason(
        N_("the product has no stock card with a count in this shop, and a plan creates none; sync the row instead")
    ),
    "plan_row_changed": Reason(
        N_("{title}: {name} was {before} when the plan was made, is {now}, and was to be {after}; make a new plan")
    ),
    "plan_row_deleted": Reason(N_("{title}: it was deleted since the plan was made; make a new plan")),
    "plan_row_in_doubt": Reason(
        N_("{title}: the answer was lost, and {name} is {now}, neither {before} nor {after}; look at it in the service")
    ),
    "plan_row_failed": Reason(
        N_("the service failed each time, and nothing was changed; make a new plan for it later")
    ),
    "plan_row_refused": Reason(N_("the service refused it: {detail}; fix the value and make a new plan")),
    "plan_row_not_sent": Reason(
        N_("nothing was changed, since the job stopped: {detail}; remove the cause and apply the plan once more")
    ),
    "plan_row_not_read": Reason(
        N_("it is unknown whether it was changed: {detail}; apply the plan once more, which finds out")
    ),
    "undo_row_changed": Reason(
        N_("{title}: {name} is {now}, no longer {before} as the plan left it, so it was not set back to {after}")
    ),
    "undo_row_deleted": Reason(N_("{title}: it was deleted since the plan was applied, so nothing can be set back")),
    "undo_row_failed": Reason(
        N_("the service failed each time, and nothing was set back; undo the plan once more later")
    ),
    "undo_row_refused": Reason(N_("the service refused to set it back: {detail}; change it in the service itself")),
    "undo_row_not_sent": Reason(
        N_("nothing was set back, since the job stopped: {detail}; remove the cause and undo the plan once more")
    ),
    "undo_row_not_read": Reason(
        N_("it is unknown whether it was set back: {detail}; undo the plan once more, which finds out")
    ),
    "plan_key_elsewhere": Reason(
        N_("the row has the id of one product, {title}, and the key of another, {other}; leave the one that is right")
    ),
    "plan_code_taken": Reason(
        N_("{name} {value} is already that of another product, {other}; give that one another first, in its own plan")
    ),
    "plan_code_twice": Reason(N_("{name} {value} is already planned in line {line}; leave one of the two rows")),
}

MESSAGES: dict[str, Reason] = (
    _ROW
    | _CONVERTED
    | _KEY
    | _VALUE
    | _MONEY
    | _BARCODE
    | _CLASSIFIER
    | _TAX
    | _LOOKUP
    | _SOURCE
    | _DRY_RUN
    | _SERVICE
    | _STOCK
    | _PLAN
)
"""The text of each problem by the name of its rule."""
