"""How likely text is Ukrainian or Russian, by its letters and pairs of letters.

The costs of pairs are counted, once they are needed, from the words below: goods, units and headers such as price lists
of shops have, chosen by hand for this purpose, no corpus of others. They need not be complete, since what is judged is
whether letters follow one another as in such words, and not whether a word is among them.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from math import log2

_UKRAINIAN = """
штрихкод назва ціна артикул код товар товару найменування кількість залишок одиниця виміру група категорія опис склад
постачальник виробник країна україна акція знижка роздрібна закупівельна ставка наявність примітка вага упаковка номер
кава мелена зернова розчинна чай чорний зелений трав'яний цукор сіль йодована борошно пшеничне житнє вищий ґатунок
крупа гречана рисова манна вівсяна пшоно горох квасоля сочевиця макарони спагеті вермішель олія соняшникова оливкова
рафінована молоко пастеризоване кефір ряжанка сметана вершки йогурт полуничний сир твердий кисломолочний масло
вершкове маргарин яйце куряче перепелине хліб білий чорний батон нарізний булка здобна пиріг печиво вівсяне пряник
вафлі торт цукерки шоколад молочний карамель мармелад зефір халва мед квітковий варення вишневе джем абрикосовий сік
яблучний томатний апельсиновий вода мінеральна газована негазована напій безалкогольний енергетичний квас пиво світле
темне вино червоне сухе горілка коньяк ковбаса варена копчена сосиски сардельки шинка бекон фарш свинина яловичина
курятина філе стегно крило печінка риба оселедець скумбрія лосось тунець шпроти ікра креветки кальмар картопля морква
буряк капуста цибуля часник огірки солоні помідори перець баклажани кабачки гарбуз гриби печериці яблука груші сливи
вишні черешні виноград банани лимони мандарини апельсини кавун диня полуниця малина смородина горіхи волоські насіння
соняшника родзинки курага чорнослив майонез кетчуп гірчиця оцет приправа лавровий лист кориця ваніль сода дріжджі
розпушувач желе пудинг пластівці дитяче харчування пюре підгузки серветки вологі папір туалетний рушник паперовий мило
рідке господарське шампунь гель для душу зубна паста щітка крем рук обличчя дезодорант порошок пральний засіб миття
посуду відбілювач губка рукавички пакет сміття свічка сірники запальничка батарейка лампа світлодіодна подовжувач
кабель зарядний пристрій навушники зошит аркушів клітинка ручка кулькова синя олівець гумка лінійка фарби акварельні
клей пензлик альбом малювання шкарпетки чоловічі жіночі футболка сорочка штани куртка взуття розмір колір чорний білий
сірий синій жовтий ґудзик цвях саморіз дюбель шуруп гайка болт фарба емаль лак ґрунтовка шпаклівка цемент пісок плитка
дошка труба кран змішувач насос шланг лопата граблі сокира молоток викрутка ключ набір викруток добриво ґрунт насіння
квітка горщик корм котів собак їжа їжакова щітка єдиний ефір юшка яєчня іриска ящик пляшка банка пачка коробка штука
кілограм літр метр грам пара рулон пральна машина холодильник чайник праска фен бритва термос каструля сковорода
тарілка чашка склянка ложка виделка ніж київська львівська одеська полтавська карпатська домашня дитяча святкова
новорічна подарункова місткість довжина ширина таблетки капсули сироп мазь спрей вата бинт пластир термометр окуляри
парасоля сумка гаманець ремінь годинник іграшка м'яч лялька конструктор пазл гра настільна велосипед ліхтарик намет
мангал шампур вугілля дрова рибалка гачок волосінь та або із без для від при під над за на по до з у в і й не
з'єднувач об'єм п'ять дев'ять
"""
_RUSSIAN = """
штрихкод название цена артикул код товар товара наименование количество остаток единица измерения группа категория
описание состав поставщик производитель страна украина акция скидка розничная закупочная ставка наличие примечание вес
кофе молотый зерновой растворимый чай черный зеленый травяной сахар соль йодированная мука пшеничная ржаная высший
сорт крупа гречневая рисовая манная овсяная пшено горох фасоль чечевица макароны спагетти вермишель масло подсолнечное
оливковое рафинированное молоко пастеризованное кефир ряженка сметана сливки йогурт клубничный сыр твердый творог
сливочное маргарин яйцо куриное перепелиное хлеб белый черный батон нарезной булка сдобная пирог печенье овсяное
пряник вафли торт конфеты шоколад молочный карамель мармелад зефир халва мёд цветочный варенье вишневое джем
абрикосовый сок яблочный томатный апельсиновый вода минеральная газированная негазированная напиток безалкогольный
энергетический квас пиво светлое темное вино красное сухое водка коньяк колбаса вареная копченая сосиски сардельки
ветчина бекон фарш свинина говядина курица филе бедро крыло печень рыба сельдь скумбрия лосось тунец шпроты икра
креветки кальмар картофель морковь свекла капуста лук чеснок огурцы соленые помидоры перец баклажаны кабачки тыква
грибы шампиньоны яблоки груши сливы вишни черешня виноград бананы лимоны мандарины апельсины арбуз дыня клубника
малина смородина орехи грецкие семечки подсолнечника изюм курага чернослив майонез кетчуп горчица уксус приправа
лавровый лист корица ваниль сода дрожжи разрыхлитель желе пудинг хлопья детское питание пюре подгузники салфетки
влажные бумага туалетная полотенце бумажное мыло жидкое хозяйственное шампунь гель для душа зубная паста щетка крем
рук лица дезодорант порошок стиральный средство мытья посуды отбеливатель губка перчатки пакет мусора свеча спички
зажигалка батарейка лампа светодиодная удлинитель кабель зарядное устройство наушники тетрадь листов клетка ручка
шариковая синяя карандаш резинка линейка краски акварельные клей кисточка альбом рисования носки мужские женские
футболка рубашка брюки куртка обувь размер цвет серый синий желтый пуговица гвоздь саморез дюбель шуруп гайка болт
краска эмаль лак грунтовка шпаклевка цемент песок плитка доска труба кран смеситель насос шланг лопата грабли топор
молоток отвертка ключ набор удобрение грунт семена цветок горшок корм кошек собак еда ёж ёлка ящик бутылка банка пачка
коробка штука килограмм литр метр грамм пара рулон стиральная машина холодильник чайник утюг фен бритва термос
кастрюля сковорода тарелка чашка стакан ложка вилка нож киевская львовская одесская домашняя детская праздничная
новогодняя подарочная вместимость длина ширина объём съёмный таблетки капсулы сироп мазь спрей вата бинт пластырь
термометр очки зонт сумка кошелек ремень часы игрушка мяч кукла конструктор пазл игра настольная велосипед фонарик
палатка мангал уголь дрова рыбалка крючок леска подъемник эклер и или из без для от при под над за на по до с у в не
это цыпленок цыплята щенок щавель щипцы эмульсия экран этикетка
"""
_UNITS = "шт кг гр г л мл м см мм уп пач бут ящ грн коп од ед ім пдв ндс укт зед фоп тов дстр ту пет ж б" * 2

_LOWER = "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя"
_EDGE = " "
_APOSTROPHES = frozenset("'’ʼ")
CYRILLIC = frozenset(_LOWER + _LOWER.upper())
"""The letters of Ukrainian and Russian."""

_SPACES = frozenset("\u00a0\u202f\u2009")
_BETWEEN = frozenset("’‘ʼ–—×…\u00ad") | _SPACES
"""What may stand between two letters."""
_BEHIND = frozenset("»“”®™©°²³µ")
"""What may stand behind a letter, beside those."""
_USUAL = _BETWEEN | _BEHIND | frozenset("«„№•₴€½¼¾±·§−")
"""Signs that price lists have now and then."""
_ACCENTS = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]")
_TIMES = frozenset("хxмв")
"""Letters that may stand between two numbers, as in 12х24."""

_SIGN, _DIGIT, _CYRILLIC_LETTER, _LATIN_LETTER, _ACCENTED = "sign", "digit", "cyrillic", "latin", "accented"
_LETTERS = frozenset({_CYRILLIC_LETTER, _LATIN_LETTER, _ACCENTED})

_LEAST_SHARE = 0.5
_SIGN_COST = 6.0
_SPACE_COST = 2.0
_FOREIGN_COST = 15.0
_ACCENT_COST = 7.0
_MIXED_COST = 7.0
_DIVIDED_COST = 12.0
"""A letter between two digits, where programs have a space between thousands."""
_CASE_COST = 9.0
_LOOKALIKE_COST = 6.0
"""A Latin i in a Cyrillic word, which is usual only where the Cyrillic one cannot be written, as in DOS."""
_LOOKALIKE_COST_OF_DOS = 2.0
_FAIR = 4.9
"""Bits that a letter of a pair costs at most in a text that is one, on average. Random letters cost about seven."""


@cache
def _costs() -> dict[str, float]:
    """Count the pairs, and give the bits that each letter costs after the one before it."""
    pairs: Counter[str] = Counter()
    firsts: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    for text in (_UKRAINIAN, _RUSSIAN, _UNITS):
        for word in re.split(r"[\s'ʼ]+", text):
            letters.update(word)
            for first, second in pairwise(f"{_EDGE}{word}{_EDGE}"):
                pairs[first + second] += 1
                firsts[first] += 1
    letters[_EDGE] = firsts[_EDGE]
    total = sum(letters.values())
    known = _LOWER + _EDGE
    smoothing = 8.0
    share = {letter: (letters[letter] + _LEAST_SHARE) / (total + _LEAST_SHARE * len(known)) for letter in known}
    return {
        first + second: -log2((pairs[first + second] + smoothing * share[second]) / (firsts[first] + smoothing))
        for first in known
        for second in known
    }


def cost_of(token: str, *, has_i: bool = True) -> float:
    """Return the bits that a token costs, fewer the more it is like a word of a price list.

    Args:
        token: A word with whatever signs stand at it, not of ASCII alone.
        has_i: Whether it could have been written with a Cyrillic і.
    """
    costs = _costs()
    cost = 0.0
    before, kind, was_lower, owed = _EDGE, _SIGN, False, 0.0
    for character in token:
        letter = character.lower() if character in CYRILLIC else ""
        if before != _EDGE and character in "iI":
            letter, cost = "і", cost + (_LOOKALIKE_COST if has_i else _LOOKALIKE_COST_OF_DOS)
        now = _CYRILLIC_LETTER if letter else _kind_of(character)
        cost += owed if now in _LETTERS or (now == _DIGIT and owed == _DIVIDED_COST) else 0.0
        owed = 0.0
        if letter:
            cost += costs[before + letter] + (_MIXED_COST if kind in {_LATIN_LETTER, _ACCENTED} else 0.0)
            is_lower = character.islower()
            cost += _CASE_COST if was_lower and not is_lower else 0.0
            owed = _DIVIDED_COST if kind == _DIGIT and letter not in _TIMES else 0.0
        else:
            if before != _EDGE and character not in _APOSTROPHES:
                cost += _MIXED_COST if now in _LETTERS else costs[before + _EDGE]
            is_lower = False
            if now == _ACCENTED:
                cost += _ACCENT_COST + (_MIXED_COST if kind == _ACCENTED else 0.0)
            elif not character.isascii():
                cost += _cost_of_sign(character)
                if kind in _LETTERS and character not in _BETWEEN:
                    cost += 0.0 if character in _BEHIND else _MIXED_COST
                    owed = _FOREIGN_COST
        before, kind, was_lower = letter or _EDGE, now, is_lower
    return cost + (costs[before + _EDGE] if before != _EDGE else 0.0)


def _kind_of(character: str) -> str:
    if character.isascii():
        return _LATIN_LETTER if character.isalpha() else _DIGIT if character.isdigit() else _SIGN
    return _ACCENTED if _ACCENTS.match(character) else _SIGN


def _cost_of_sign(character: str) -> float:
    if character in _SPACES:
        return _SPACE_COST
    return _SIGN_COST if character in _USUAL else _FOREIGN_COST


# The fast kind of such a table begins with NUL.
_PLAIN = codecs.charmap_build(
    "\0\t\n" + "".join(map(chr, range(32, 127))) + "".join(sorted(CYRILLIC)) + "«»“”„–—…№°®™©₴’ʼ"
)


def is_plain_text(text: str) -> bool:
    """Check quickly that a text has no signs but those of most price lists.

    Args:
        text: Any text. Encoding it into a set that has these signs alone is the fastest way to look at all of them.
    """
    try:
        codecs.charmap_encode(text, "strict", _PLAIN)
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def fair_sign(character: str) -> bool:
    """Return whether a character that is no letter may stand in a price list."""
    return character in _USUAL or character in _SPACES


def fair_cost(token: str) -> float:
    """Return the bits that a token may cost if its letters follow one another by the rules of the languages."""
    cost = _FAIR
    for character in token:
        if character in CYRILLIC:
            cost += _FAIR
        elif not character.isascii():
            cost += _ACCENT_COST if _ACCENTS.match(character) else _FAIR
    return cost
