"""Codes of goods: УКТЗЕД, the commodity codes of foreign trade, and ДКПП, the classifier of products and services."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from smartkasa_async._support.spreadsheets import is_scientific
from smartkasa_async.catalog.checks.barcodes import remove_spaces
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.models import ClassifierType

WHOLE_LENGTH = 10
"""Digits in a whole code of either classifier."""

_DIGITS = re.compile(r"\d+", re.ASCII)
_DOTTED_UKTZED = re.compile(r"\d{4}(?:\.\d{2}){1,3}", re.ASCII)
_DOTTED_DKPP = re.compile(r"\d{2}\.\d{1,2}(?:\.\d{1,2}(?:-\d{2}(?:\.\d{2})?)?)?", re.ASCII)
_SPOILED = re.compile(r"\d+[.,]0+|\d{1,2}[./]\d{1,2}[./]\d{4}(?:\s.*)?|\d{4}-\d{2}-\d{2}(?:[T\s].*)?", re.ASCII)
_SAMPLE_LENGTH = 15
_UKTZED_LENGTHS = frozenset({4, 6, 8, WHOLE_LENGTH, _SAMPLE_LENGTH})
_DKPP_LENGTHS = frozenset({4, 5, 6, 8, WHOLE_LENGTH, _SAMPLE_LENGTH})
_UKTZED_SHORT_BY_ZERO = frozenset({3, 5, 7, 9})
_DKPP_SHORT_BY_ZERO = frozenset({7, 9})


class Classifier(NamedTuple):
    """A code and what it is taken from."""

    type: ClassifierType
    code: str


@lru_cache(maxsize=4096)
def parse_classifier(text: str) -> Classifier:
    """Read a code of goods, and tell the classifier by its form.

    Args:
        text: Digits stand for УКТЗЕД: ten of them, or 4, 6 or 8 for a group of goods, or 15 as in the vendor's samples;
            there may be spaces or points between the pairs. Two digits and a point begin a code of ДКПП, whose form is
            `10.11.12-00.00` or a beginning of it.

    Raises:
        RuleViolationError: `classifier_malformed`, `classifier_zero` or `classifier_spreadsheet`.
    """
    join_messages = remove_spaces(text)
    if _DOTTED_UKTZED.fullmatch(join_messages):
        join_messages = join_messages.replace(".", "")
    if _DIGITS.fullmatch(join_messages):
        return Classifier(ClassifierType.UKTZED, _of_length(join_messages, _UKTZED_LENGTHS, _UKTZED_SHORT_BY_ZERO))
    return Classifier(ClassifierType.DKPP, _dotted_dkpp(text, join_messages))


@lru_cache(maxsize=4096)
def parse_dkpp(text: str) -> Classifier:
    """Read a code of ДКПП.

    Args:
        text: The form is `10.11.12-00.00` or a beginning of it, with its points or without.

    Raises:
        RuleViolationError: `classifier_malformed`, `classifier_zero` or `classifier_spreadsheet`.
    """
    join_messages = remove_spaces(text)
    if _DIGITS.fullmatch(join_messages):
        return Classifier(ClassifierType.DKPP, _of_length(join_messages, _DKPP_LENGTHS, _DKPP_SHORT_BY_ZERO))
    return Classifier(ClassifierType.DKPP, _dotted_dkpp(text, join_messages))


def _of_length(digits: str, lengths: frozenset[int], short_by_zero: frozenset[int]) -> str:
    found = len(digits)
    if found in short_by_zero:
        raise RuleViolationError("classifier_zero", found=found, candidate="0" + digits)
    if found not in lengths:
        raise RuleViolationError("classifier_malformed")
    return digits


def _dotted_dkpp(text: str, join_messages: str) -> str:
    if _DOTTED_DKPP.fullmatch(join_messages):
        return join_messages
    if is_scientific(join_messages) or _SPOILED.fullmatch(text):
        raise RuleViolationError("classifier_spreadsheet")
    raise RuleViolationError("classifier_malformed")
