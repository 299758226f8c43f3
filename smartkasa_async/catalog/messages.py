"""The words of every problem, in English and Ukrainian: what is wrong and what to do.

The names in braces are filled with the details of the broken rule, or are arguments of the import.
`docs/import-messages.md` is made of this table.
"""

from __future__ import annotations

from smartkasa_async._i18n.message import Argument, argument
from smartkasa_async.jobs.words import Message

ARGUMENTS: dict[str, Argument] = {
    name: argument(name) for name in ("delete_limit", "delete_missing", "key", "mode", "overwrite_changed")
} | {f"hidden_{word}": argument("hidden", word) for word in ("skip", "take")}
"""What messages call as the user does: by the argument's name, or by its option."""

REASON_HEADERS = {"en": "Reason of rejection", "uk": "Причина відхилення"}
"""Header of the column of reasons in a file of rejected rows; an import leaves the column alone."""

_ROW = {
    "row_unreadable": Message(
        "the row cannot be read ({detail}); a quote is probably left open or not doubled: close, double or remove it",
        "рядок не читається ({detail}); імовірно, лапки не закрито або не подвоєно: виправте або приберіть їх",
    ),
    "row_cut": Message(
        "the file ends in the middle of this row ({detail}); export or upload it anew, "
        "or put an end of line at its end if the row is complete",
        "файл обривається посеред цього рядка ({detail}); експортуйте або завантажте його знову, "
        "а якщо рядок повний, додайте в кінці файлу розрив рядка",
    ),
    "record_unreadable": Message(
        "the record cannot be read ({detail}); export the file anew, or mend the line",
        "запис не читається ({detail}); експортуйте файл знову або виправте рядок",
    ),
    "keys_conflict": Message(
        "{detail} mean the same and have different values; leave one of them",
        "{detail} означають те саме, а значення різні; залиште одне",
    ),
    "category_undefined": Message(
        "the feed does not say what category {detail} is; add it to <categories>, or give the product another one",
        "фід не пояснює, що за категорія {detail}; додайте її до <categories> або вкажіть для товару іншу",
    ),
    "too_many_fields": Message(
        "{found} fields where the header has {expected}; put a value that contains the separator in quotes",
        "полів {found}, а в заголовку {expected}; значення, у якому є роздільник, візьміть у лапки",
    ),
    "blank": Message(
        "the value is missing; fill it in, or remove the row where it is no product",
        "значення не заповнене; заповніть його або вилучіть рядок, якщо це не товар",
    ),
    "header_repeated": Message("the headers of the table once more", "це ще раз заголовки таблиці", "warning"),
    "section_title": Message(
        "nothing but a title, as of a section; if it is a product, fill in its other cells",
        "лише назва, як у розділу; якщо це товар, заповніть решту клітинок",
        "warning",
    ),
    "total_row": Message(
        "a total; if it is a product, fill in its barcode or article",
        "це підсумок; якщо це товар, вкажіть штрихкод або артикул",
        "warning",
    ),
    "signature_row": Message(
        "a signature or a note; if it is a product, fill in its price and barcode",
        "це підпис або примітка; якщо це товар, вкажіть ціну і штрихкод",
        "warning",
    ),
    "row_no_product": Message(
        "one row is no product: {rows}; if it is one, fill in its other cells",
        "один рядок не є товаром: {rows}; якщо це товар, заповніть решту клітинок",
        "warning",
    ),
    "rows_no_products": Message(
        "{count} rows are no products: {rows}; if one of them is, fill in its other cells",
        "рядків, що не є товарами: {count} ({rows}); якщо котрийсь із них товар, заповніть решту клітинок",
        "warning",
    ),
    "line_break": Message(
        "a line break inside the value; remove it, or close the quote that was left open",
        "усередині значення є розрив рядка; приберіть його або закрийте лапки",
    ),
    "letters_unreadable": Message(
        "some letters cannot be read; save the file as UTF-8 or Windows-1251",
        "частина літер не читається; збережіть файл у кодуванні UTF-8 або Windows-1251",
    ),
    "letters_garbled": Message(
        "the letters are garbled: some program took their encoding for another one; write them anew",
        "літери спотворено: якась програма сплутала їхнє кодування; запишіть їх заново",
    ),
    "title_long": Message(
        "{found} characters: probably a description; a receipt has room for a short title only",
        "символів {found}: імовірно, це опис; на чеку вміститься лише коротка назва",
        "warning",
    ),
}

_CONVERTED = {
    "cell_date": Message(
        "a spreadsheet or another program has made a date of the value; make the column text and enter the value anew, "
        "or put an apostrophe in front if it is meant as it stands",
        "табличний редактор чи інша програма зробили зі значення дату; задайте стовпцю формат тексту і введіть "
        "значення знову, а якщо воно справді таке, поставте перед ним апостроф",
    ),
    "cell_time": Message(
        "a spreadsheet or another program has made a time of the value; make the column text and enter the value anew, "
        "or put an apostrophe in front if it is meant as it stands",
        "табличний редактор чи інша програма зробили зі значення час; задайте стовпцю формат тексту і введіть "
        "значення знову, а якщо воно справді таке, поставте перед ним апостроф",
    ),
    "cell_boolean": Message(
        "a spreadsheet or another program has made yes or no (a logical value) of the value; make the column text and "
        "enter the value anew, or put an apostrophe in front if it is meant as it stands",
        "табличний редактор чи інша програма зробили зі значення «так» або «ні» (логічне значення); задайте стовпцю "
        "формат тексту і введіть значення знову, а якщо воно справді таке, поставте перед ним апостроф",
    ),
    "cell_exponent": Message(
        "a spreadsheet has shortened the value to a number with an exponent, and its digits are lost; make the column "
        "text and enter the value anew, or put an apostrophe in front if it is meant as it stands",
        "табличний редактор скоротив значення до числа з експонентою, цифри втрачено; задайте стовпцю формат тексту і "
        "введіть значення знову, а якщо воно справді таке, поставте перед ним апостроф",
    ),
    "digits_lost": Message(
        "a number that was kept with fewer digits than it may have had, so some may be lost; enter the value anew as "
        "text, or read a table's prices as decimals or 64-bit floats",
        "число зберігалося з меншою кількістю цифр, ніж могло мати, тож частину могло бути втрачено; введіть значення "
        "знову як текст, а ціни таблиці читайте як десяткові числа або 64-бітні",
    ),
    "cell_error": Message(
        "the cell shows an error of a formula and no value; correct the formula, or write the value itself",
        "у клітинці помилка формули, а не значення; виправте формулу або запишіть саме значення",
    ),
    "cell_narrow": Message(
        "the column was too narrow when the table was saved, so there are signs instead of the value; widen the column "
        "and save the table anew",
        "стовпець був завузький, коли таблицю зберігали, тож замість значення в ньому знаки; розширте стовпець і "
        "збережіть таблицю знову",
    ),
    "cell_formula": Message(
        "the cell has a formula whose result is not in the file; open the file in a spreadsheet program, save it, and "
        "import it then",
        "у клітинці формула, результату якої у файлі немає; відкрийте файл у табличному редакторі, збережіть і тоді "
        "імпортуйте",
    ),
}

_VALUE = {
    "flag_unknown": Message("neither yes nor no; write так or ні", "це не «так» і не «ні»; запишіть так або ні"),
    "id_malformed": Message(
        "not an id of the service; take it from there, or leave the cell empty",
        "це не ідентифікатор сервісу; візьміть його звідти або залиште клітинку порожньою",
    ),
}

_KEY = {
    "key_missing": Message(
        "the row lacks the key by which its product is found; fill it in, or choose another key for the import",
        "у рядку немає ключа, за яким шукають товар; заповніть його або оберіть для імпорту інший ключ",
    ),
    "key_duplicate": Message(
        "the same key is already in line {line}; leave one of the two rows",
        "цей ключ уже є в рядку {line}; залиште один із двох рядків",
    ),
}

_MONEY = {
    "number_unreadable": Message("not a number; write it as 1299,50", "це не число; запишіть його як 1299,50"),
    "number_ambiguous": Message(
        "three digits after the separator: a fraction or thousands? Write 1299,50 or 1 299",
        "три цифри після роздільника: дріб чи тисячі? Запишіть 1299,50 або 1 299",
    ),
    "currency_foreign": Message("the price is not in hryvnias; convert it", "ціна не в гривнях; перерахуйте її"),
    "negative": Message("the price is below zero; write 0 or more", "ціна менша за нуль; запишіть 0 або більше"),
    "price_too_large": Message(
        "too large for a price; probably another column's value",
        "завелике для ціни; імовірно, це значення іншого стовпця",
    ),
    "kopecks_fraction": Message(
        "the price is finer than a kopeck; round it to two decimals",
        "ціна дрібніша за копійку; округліть її до двох знаків",
    ),
    "cost_rounded": Message(
        "the purchase price is finer than a kopeck; {rounded} goes into the service",
        "закупівельна ціна дрібніша за копійку; до сервісу піде {rounded}",
        "warning",
    ),
    "price_zero": Message(
        "the till would sell it for nothing; write the price, unless it is a gift",
        "каса продаватиме це безкоштовно; запишіть ціну, якщо це не подарунок",
        "warning",
    ),
    "price_below_cost": Message(
        "the purchase price is above the sale price ({price}); check both, they may be swapped",
        "закупівельна ціна вища за ціну продажу ({price}); перевірте обидві: можливо, їх переплутано",
        "warning",
    ),
}

_BARCODE = {
    "barcode_spreadsheet": Message(
        "a spreadsheet has shortened the barcode, its digits are lost; make the column text and enter it anew",
        "табличний редактор скоротив штрихкод, цифри втрачено; задайте стовпцю формат тексту і введіть штрихкод знову",
    ),
    "barcode_characters": Message(
        "a barcode has digits only; remove the other characters",
        "штрихкод складається лише з цифр; приберіть інші символи",
    ),
    "barcode_zeros": Message(
        "{found} digits: the leading zeros are probably lost; if so, write {candidate}",
        "цифр {found}: імовірно, втрачено нулі на початку; якщо так, запишіть {candidate}",
    ),
    "barcode_length": Message(
        "{found} digits where a barcode has 8, 12, 13 or 14; enter it anew from the package",
        "цифр {found}, а у штрихкоді їх 8, 12, 13 або 14; введіть його знову з упаковки",
    ),
    "barcode_check_digit": Message(
        "the check digit should be {expected}; compare the barcode with the package",
        "контрольна цифра має бути {expected}; звірте штрихкод з упаковкою",
    ),
}

_CLASSIFIER = {
    "classifier_malformed": Message(
        "not a code of goods: УКТЗЕД has 10 digits, ДКПП the form 10.11.12-00.00; take it from the supplier's invoice",
        "це не код товару: в УКТ ЗЕД 10 цифр, ДКПП має вигляд 10.11.12-00.00; візьміть його з накладної постачальника",
    ),
    "classifier_zero": Message(
        "{found} digits: the leading zero is probably lost; if so, write {candidate}",
        "цифр {found}: імовірно, втрачено нуль на початку; якщо так, запишіть {candidate}",
    ),
    "classifier_spreadsheet": Message(
        "a spreadsheet has made a number or a date of the code; make the column text and enter the code anew",
        "табличний редактор зробив із коду число або дату; задайте стовпцю формат тексту і введіть код знову",
    ),
    "classifier_owed": Message(
        "excise goods are sold with their УКТЗЕД code (law 265/95-ВР, article 3); take it from the supplier's invoice",
        "підакцизний товар продають із кодом УКТ ЗЕД (Закон 265/95-ВР, стаття 3); візьміть його з накладної",
    ),
    "classifier_short": Message(
        "{found} digits name a group of goods; for excise goods a receipt owes all 10",
        "цифр {found}: це код групи товарів; для підакцизних у чеку потрібні всі 10",
        "warning",
    ),
    "classifier_long": Message(
        "{found} digits where a code of goods has 10; compare it with the supplier's invoice",
        "цифр {found}, а в коді товару їх 10; звірте його з накладною постачальника",
        "warning",
    ),
}

_TAX = {
    "tax_unknown": Message(
        "no tax group for this rate; write 20%, 7%, 0% or без ПДВ, with excise 20% + акциз 5%",
        "для такої ставки немає податкової групи; запишіть 20%, 7%, 0% або без ПДВ, з акцизом 20% + акциз 5%",
    ),
    "tax_letter_unknown": Message(
        "each till has its own meaning for this tax letter; write the rate: 20%, 7%, 0%, без ПДВ or 20% + акциз 5%",
        "цю літеру податку кожна каса розуміє по-своєму; запишіть ставку: 20%, 7%, 0%, без ПДВ або 20% + акциз 5%",
    ),
    "tax_contradicts": Message(
        "several rates or letters that contradict each other; leave the right one",
        "кілька ставок або літер, що суперечать одна одній; залиште правильну",
    ),
    "tax_letter_inferred": Message(
        "the letter was taken for {meaning}; if it means something else in your file, write the rate instead",
        "літеру сприйнято як {meaning}; якщо у вашому файлі вона означає інше, запишіть замість неї ставку",
        "warning",
    ),
    "tax_group_unknown": Message(
        "not the number of a tax group; write 0 to 10",
        "це не номер податкової групи; запишіть від 0 до 10",
    ),
}

_LOOKUP = {
    "unit_unknown": Message(
        "the service has no such unit of measure; it has: {known}; say which of them is meant by {option}",
        "такої одиниці виміру в сервісі немає; є: {known}; яку з них мають на увазі, вкажіть через {option}",
    ),
    "category_ambiguous": Message(
        "the service has several categories with this title; give the path, as in Напої / Кава, or rename one",
        "у сервісі кілька категорій із такою назвою; вкажіть шлях, як-от Напої / Кава, або перейменуйте одну",
    ),
    "category_not_created": Message(
        "the category could not be created: {detail}; mend its title or create it by hand",
        "категорію не вдалося створити: {detail}; виправте назву або створіть її вручну",
    ),
    "category_unknown": Message(
        "nothing tells whether the category was created: {detail}; import the row again later",
        "невідомо, чи створено категорію: {detail}; імпортуйте рядок пізніше ще раз",
    ),
}

_SOURCE = {
    "column_chosen": Message(
        "of several columns this one is taken, and {others} are left alone; to take the next: {option}",
        "з кількох стовпців узято цей, а {others} не використано; щоб узяти наступний: {option}",
        "warning",
    ),
    "barcodes_unused": Message(
        "the column holds barcodes, but is not used for them; to use it: {option}",
        "у стовпці штрихкоди, але за них його не взято; щоб узяти: {option}",
        "warning",
    ),
    "rows_hidden_taken": Message(
        "rows of the sheet are hidden, by hand, by a filter or in a closed group, and are read like the others "
        "({count}: {rows}); to leave them out, give {hidden_skip}",
        "частину рядків аркуша приховано вручну, фільтром або в згорнутій групі, їх прочитано разом з іншими "
        "({count}: {rows}); щоб їх пропустити, задайте {hidden_skip}",
        "warning",
    ),
    "rows_hidden_skipped": Message(
        "rows of the sheet are hidden, by hand, by a filter or in a closed group, and were left out ({count}: {rows})",
        "частину рядків аркуша приховано вручну, фільтром або в згорнутій групі, їх пропущено ({count}: {rows})",
        "warning",
    ),
    "columns_hidden": Message(
        "columns of the sheet are hidden and are used all the same: {columns}",
        "частину стовпців аркуша приховано, але їх усе одно використано: {columns}",
        "warning",
    ),
    "end_doubtful": Message(
        "the last line has no end of line, so this value may be the beginning of a longer one; compare it with the "
        "program that wrote the file",
        "останній рядок не закінчується розривом рядка, тож це може бути лише початок довшого значення; "
        "звірте його з програмою, яка створила файл",
        "warning",
    ),
    "invisible_removed": Message(
        "characters that cannot be seen, such as zero-width spaces and marks of direction, were removed from {count} "
        "cells or headers, from this line on",
        "невидимі символи, як-от пробіли нульової ширини та позначки напрямку, вилучено з клітинок або заголовків "
        "({count}), починаючи з цього рядка",
        "warning",
    ),
    "source_other": Message(
        "the file is not as it was when the import was stopped: all rows are compared with the service, and what "
        "differs is changed",
        "файл уже не такий, як тоді, коли імпорт зупинився: усі рядки порівняно із сервісом, а що відрізняється, те "
        "змінено",
        "warning",
    ),
}

_DRY_RUN = {
    "category_absent": Message(
        "the service has no such category; the import will create it",
        "такої категорії в сервісі немає; імпорт її створить",
        "warning",
    ),
}

_SERVICE = {
    "refused": Message(
        "the service refused it: {detail}; mend the value and import the row again",
        "сервіс відхилив: {detail}; виправте значення та імпортуйте рядок ще раз",
    ),
    "not_sent": Message(
        "not sent, since the import stopped: {detail}; remove the cause and import the row again",
        "не надіслано, бо імпорт зупинено: {detail}; усуньте причину та імпортуйте рядок ще раз",
    ),
    "conflict": Message(
        "the service has {count} products with this key; leave one of them there, then import the row again",
        "у сервісі товарів із цим ключем: {count}; залиште там один, тоді імпортуйте рядок ще раз",
    ),
    "conflict_unreadable": Message(
        "the service has a product with this key that cannot be read: {record}; correct it in the cabinet, then import "
        "the row again",
        "у сервісі є товар із цим ключем, який не вдається прочитати: {record}; виправте його в кабінеті, тоді "
        "імпортуйте рядок ще раз",
    ),
    "in_doubt_unreadable": Message(
        "the service has a product with this key that cannot be read: {record}; look it up there before importing the "
        "row again",
        "у сервісі є товар із цим ключем, який не вдається прочитати: {record}; перевірте його там, перш ніж "
        "імпортувати рядок ще раз",
    ),
    "category_unreadable": Message(
        "the service has a category of this title that cannot be read: {record}; correct it in the cabinet, then "
        "import the row again",
        "у сервісі є категорія з цією назвою, яку не вдається прочитати: {record}; виправте її в кабінеті, тоді "
        "імпортуйте рядок ще раз",
    ),
    "card_unreadable": Message(
        "the service has a stock card of this product that cannot be read: {record}; correct it in the cabinet, then "
        "set the count again",
        "у сервісі є картка залишку цього товару, яку не вдається прочитати: {record}; виправте її в кабінеті, тоді "
        "запишіть залишок ще раз",
    ),
    "records_unreadable": Message(
        "{operation}: {count} records of the service cannot be read: {records}",
        "{operation}: записів сервісу, які не вдається прочитати: {count}: {records}",
    ),
    "key_not_shown": Message(
        "the service has a product of this title but does not show its key, so it may be another one; "
        "import with another {key}, such as number",
        "у сервісі є товар із цією назвою, але його ключа сервіс не показує, тож це може бути інший товар; "
        "імпортуйте з іншим ключем: {key} number",
    ),
    "in_doubt": Message(
        "nothing tells whether the service has the product: {detail}; look it up there before importing the row again",
        "невідомо, чи є товар у сервісі: {detail}; перевірте каталог, перш ніж імпортувати рядок ще раз",
    ),
    "in_doubt_several": Message(
        "the answer was lost, and the service has {count} products that may be it; leave one of them there, "
        "then import the row again",
        "відповідь загубилася, а товарів, які можуть ним бути, у сервісі: {count}; залиште там один, "
        "тоді імпортуйте рядок ще раз",
    ),
    "in_doubt_differs": Message(
        "the answer was lost, and the service has a product with this key that is not as it was sent; "
        "look at it there, then import the row again to change it",
        "відповідь загубилася, а товар із цим ключем у сервісі не такий, як надіслано; "
        "перегляньте його там, тоді імпортуйте рядок ще раз, щоб змінити",
    ),
    "in_doubt_not_shown": Message(
        "the answer was lost, and the service has a product of this title but does not show its key; "
        "look it up there before importing the row again",
        "відповідь загубилася, а товар із цією назвою у сервісі є, але його ключа не видно; "
        "перевірте каталог, перш ніж імпортувати рядок ще раз",
    ),
    "change_in_doubt": Message(
        "nothing tells whether the product was changed: {detail}; import the row again",
        "невідомо, чи змінено товар: {detail}; імпортуйте рядок ще раз",
    ),
    "order_differs": Message(
        "the service answers a batch of products in another order than it was sent, so their ids were found by their "
        "keys; ids of rows before that may be those of other rows: import the file again to compare all",
        "сервіс відповідає на пакет товарів не в тому порядку, у якому їх надіслано, тож їхні id знайдено за ключами; "
        "id попередніх рядків можуть належати іншим рядкам: імпортуйте файл ще раз, щоб звірити все",
        "warning",
    ),
    "order_unchecked": Message(
        "the service's answers do not show whether it answers products in the order in which they were sent; "
        "import the file again to compare all",
        "з відповідей сервісу не видно, чи відповідає він на товари в тому порядку, у якому їх надіслано; "
        "імпортуйте файл ще раз, щоб звірити все",
        "warning",
    ),
    "failed_each_time": Message(
        "the service failed each time and does not have the product; import the row again later",
        "сервіс щоразу давав збій, товару в ньому немає; імпортуйте рядок пізніше ще раз",
    ),
    "product_gone": Message(
        "the product was deleted in the service while the import ran; import the row again to create it",
        "товар видалили із сервісу під час імпорту; імпортуйте рядок ще раз, щоб створити його",
    ),
    "exists_already": Message(
        "the service has the product already, and it was left as it is; to change it, import with {mode} upsert",
        "товар у сервісі вже є, його не змінено; щоб змінити, імпортуйте з {mode} upsert",
        "warning",
    ),
    "missing_not_deleted": Message(
        "not in the source, left in the service; to delete such products, import with {delete_missing}",
        "у джерелі немає, у сервісі залишено; щоб такі товари видаляти, імпортуйте з {delete_missing}",
        "warning",
    ),
    "missing_kept": Message(
        "not in the source, but the service did not delete it: {detail}; delete it there",
        "у джерелі немає, але сервіс його не видалив: {detail}; видаліть його там",
        "warning",
    ),
    "missing_in_doubt": Message(
        "not in the source, and nothing tells whether the service deleted it: {detail}; look it up there",
        "у джерелі немає, і невідомо, чи сервіс його видалив: {detail}; перевірте каталог",
        "warning",
    ),
    "missing_source_empty": Message(
        "the source has no rows, so none of the {count} products was deleted; see whether it is the whole price list",
        "у джерелі немає рядків, тож не видалено жодного з товарів ({count}); перевірте, чи це весь прайс-лист",
    ),
    "missing_source_cut": Message(
        "the file ends in the middle of a row, so none of the {count} products that it lacks was deleted; "
        "export or upload it anew",
        "файл обривається посеред рядка, тож не видалено жодного з товарів, яких у ньому немає ({count}); "
        "експортуйте або завантажте його знову",
    ),
    "missing_end_doubtful": Message(
        "the last line of the file has no end of line, and nothing shows that the file goes no further, so none of the "
        "{count} products that it lacks was deleted; put an end of line at its end if it is whole",
        "останній рядок файлу не закінчується розривом рядка, і ніщо не показує, що файл на цьому завершено, тож не "
        "видалено жодного з товарів, яких у ньому немає ({count}); якщо файл повний, додайте в його кінці розрив рядка",
    ),
    "missing_over_limit": Message(
        "{count} products are not in the source, but at most {limit} may be deleted, so none was; "
        "see whether the source is whole, then raise {delete_limit}",
        "у джерелі немає товарів: {count}, а видалити дозволено щонайбільше {limit}, тож не видалено жодного; "
        "перевірте, чи джерело повне, тоді збільште {delete_limit}",
    ),
    "missing_rows_hidden": Message(
        "nothing was deleted, since {count} hidden rows were left out, and their products would have counted as "
        "missing; show the rows, or give {hidden_take}",
        "нічого не видалено, бо пропущено приховані рядки ({count}), а їхні товари вважалися б відсутніми; "
        "покажіть ці рядки або задайте {hidden_take}",
    ),
    "missing_rows_unread": Message(
        "nothing was deleted, since {count} rows have no readable key; mend or remove them and import again",
        "нічого не видалено, бо рядків без читабельного ключа: {count}; виправте або вилучіть їх та імпортуйте ще раз",
    ),
}

_STOCK = {
    "count_missing": Message(
        "the count is missing; write it, or 0 where nothing is left",
        "залишок не вказано; запишіть його або 0, якщо нічого не лишилося",
    ),
    "count_unreadable": Message(
        "not a count; write the number alone, as 12 or 1,5",
        "це не залишок; запишіть саме число, як-от 12 або 1,5",
    ),
    "count_ambiguous": Message(
        "three digits after the separator: a fraction or thousands? Write 1,2500 or 1 250",
        "три цифри після роздільника: дріб чи тисячі? Запишіть 1,2500 або 1 250",
    ),
    "count_negative": Message(
        "the count is below zero; write what is really there, 0 or more",
        "залишок менший за нуль; запишіть, скільки є насправді, 0 або більше",
    ),
    "count_too_large": Message(
        "too large for a count; probably another column's value",
        "завелике для залишку; імовірно, це значення іншого стовпця",
    ),
    "count_fine": Message(
        "the count is finer than a thousandth; round it to three decimals",
        "залишок дрібніший за тисячну; округліть його до трьох знаків",
    ),
    "count_duplicate": Message(
        "the product is in line {line} too, and nothing tells which count is right; leave one row with the whole count",
        "цей товар є і в рядку {line}, тож незрозуміло, який залишок правильний; залиште один рядок з усією кількістю",
    ),
    "product_unknown": Message(
        "the service has no product with this key; import the product first, or mend the key",
        "у сервісі немає товару з цим ключем; спершу імпортуйте товар або виправте ключ",
    ),
    "cards_several": Message(
        "the product has {count} stock cards in this shop; leave one of them there, then sync the row again",
        "карток залишків цього товару в магазині: {count}; залиште там одну, тоді синхронізуйте рядок ще раз",
    ),
    "card_changed": Message(
        "the card changed meanwhile, probably by a sale (it had {before}, now {now}), and was left as it is; "
        "count the product anew and sync the row again",
        "картка тим часом змінилася, імовірно, через продаж (було {before}, тепер {now}), її залишено; "
        "перерахуйте товар і синхронізуйте рядок ще раз",
    ),
    "card_appeared": Message(
        "someone else created a card meanwhile (it has {now}), and it was left as it is; sync the row again",
        "картку тим часом створив хтось інший (на ній {now}), її залишено; синхронізуйте рядок ще раз",
    ),
    "card_gone": Message(
        "the card was deleted meanwhile; sync the row again to create one",
        "картку тим часом видалено; синхронізуйте рядок ще раз, щоб створити нову",
    ),
    "count_in_doubt": Message(
        "the answer was lost, and the card has {now}, neither the count before ({before}) nor the new one ({count}); "
        "count the product anew and sync the row again",
        "відповідь загубилася, а на картці {now}: це не попередній залишок ({before}) і не новий ({count}); "
        "перерахуйте товар і синхронізуйте рядок ще раз",
    ),
    "count_not_read": Message(
        "nothing tells whether the card was changed: {detail}; look at it in the service, then sync the row again",
        "невідомо, чи змінено картку: {detail}; перегляньте її в сервісі, тоді синхронізуйте рядок ще раз",
    ),
    "count_not_set": Message(
        "the card was not changed, since the sync stopped: {detail}; remove the cause and sync again",
        "картку не змінено, бо синхронізацію залишків зупинено: {detail}; усуньте причину та синхронізуйте ще раз",
    ),
    "count_failed": Message(
        "the service failed each time, and the card is as it was; sync the row again later",
        "сервіс щоразу давав збій, картка лишилася, як була; синхронізуйте рядок пізніше ще раз",
    ),
    "undo_card_changed": Message(
        "the card has {now} and not what the sync had set ({after}), probably since something was sold; it was left; "
        "set the count by hand, or undo with {overwrite_changed}",
        "на картці {now}, а не встановлене раніше ({after}): імовірно, щось продали; її залишено; "
        "виправте залишок вручну або скасуйте з {overwrite_changed}",
    ),
    "undo_card_gone": Message(
        "the card was deleted since the sync; create one by hand if it is still needed",
        "картку після синхронізації видалено; якщо вона ще потрібна, створіть її вручну",
    ),
}

MESSAGES: dict[str, Message] = (
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
)
"""The words of each problem by the name of its rule."""
