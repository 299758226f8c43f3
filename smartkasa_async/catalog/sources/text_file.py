"""A text file, whose encoding is detected by all of its bytes, or asked for, before any row is read."""

from __future__ import annotations

import codecs
import io
from abc import abstractmethod
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import Message, join_messages, msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.encodings import (
    BLOCK,
    byte_order_mark,
    canonical,
    find_contradiction,
    is_garbled,
    odd_tokens,
    pick_tokens,
    repaired,
    weigh,
    wide_encoding,
)
from smartkasa_async.catalog.sources.fields import REQUIRED, Field
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.questions import Choice, Doubt
from smartkasa_async.catalog.sources.rows import RowFile
from smartkasa_async.catalog.sources.source_file import SourceFile
from smartkasa_async.catalog.sources.source_info import doubtful

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

_SHOWN_LETTERS = 40
_FEW_WORDS = 3
_LINES_OF_BLOCK = 40
_MOST_LINES = 400
_LEAST_GARBLED = 0.5
_LONGEST_LINE = 2000
_MARKS = ("ѕ", "Ѕ", "Ђ", "Ð", "à", "î", "╨", "╧", "??", "п©", "п╬")
"""Of these, garbled text of more than a few words has one, and hardly any other text."""


class TextFile:
    """An open file of text.

    Attributes:
        name: Its name without the folder, for messages.
        source: The file.
        encoding: How it is encoded.
        doubts: The question which encoding is right, where it is unknown; it was opened by the first choice then.
        has_nul: Whether it holds bytes without any bit.
        has_end_mark: Whether its last byte is what programs of DOS put at the end of a file.
    """

    def __init__(self, path: Path, encoding: str | None, declared: Callable[[bytes], str | None]) -> None:
        """Open a file, and determine how it is encoded.

        Args:
            path: The file.
            encoding: What the caller knows of it.
            declared: Finds what the file declares, in its first bytes. It is believed only in doubt.

        Raises:
            OSError: The file cannot be opened.
            SourceError: It is empty, its letters are garbled or in several encodings, or not in the one given.
        """
        self.name: str = visible(path.name)
        survey = _Survey()
        self.source: SourceFile = SourceFile(path, survey)
        self._skipped = 0
        self.doubts: tuple[Doubt, ...] = ()
        try:
            self.has_nul: bool = survey.has_nul
            self.has_end_mark: bool = survey.has_end_mark
            self.encoding: str = self._given(encoding, survey) if encoding else self._found(survey, declared)
            if self.encoding in {"utf-8", "utf-8-sig"} and survey.is_utf_8 and not survey.is_suspect:
                return
            if not self.doubts:
                self._require_sense()
        except BaseException:
            self.source.buffer.close()
            raise

    def open(self, newline: str) -> io.TextIOWrapper:
        """Return the text from its beginning; what cannot be decoded is U+FFFD in it.

        Args:
            newline: As for `open`.
        """
        self.source.buffer.seek(0)
        text = io.TextIOWrapper(self.source.buffer, encoding=self.encoding, errors="replace", newline=newline)
        text.read(self._skipped)
        return text

    def rewind(self, text: io.TextIOWrapper) -> None:
        """Bring an open text back to its beginning."""
        text.seek(0)
        text.read(self._skipped)

    @property
    def fraction(self) -> float:
        """Share of the file that has been read, 0 to 1."""
        return self.source.buffer.tell() / self.source.size

    def close(self) -> None:
        """Close the file."""
        self.source.buffer.close()

    def _blocks(self) -> Iterator[bytes]:
        self.source.buffer.seek(0)
        self.source.buffer.read(self._skipped)
        return iter(partial(self.source.buffer.read, BLOCK), b"")

    def _found(self, survey: _Survey, declared: Callable[[bytes], str | None]) -> str:
        self.source.buffer.seek(0)
        head = self.source.buffer.read(BLOCK)
        mark = byte_order_mark(head)
        if mark and mark.encoding and (mark.encoding != "utf-8-sig" or survey.is_utf_8):
            return mark.encoding
        if mark is None and (wide := wide_encoding(head)):
            return wide
        if survey.is_utf_8:
            return "utf-8"
        self._skipped = mark.size if mark else 0
        named = declared(head)
        tokens = pick_tokens(self._blocks())
        found = weigh(tokens, declared=canonical(named) if named else None)
        if len(found.choices) > 1:
            self.doubts = (doubt_about_encoding(tokens, found.choices),)
        return found.encoding

    def _given(self, encoding: str, survey: _Survey) -> str:
        """Take the caller's word, unless the bytes are clearly something else."""
        name = canonical(encoding)
        if name in {"utf-8", "utf-8-sig"} and survey.is_utf_8:
            return "utf-8-sig"
        if name is None or name.startswith(("utf-16", "utf-32")):
            return encoding
        tokens = pick_tokens(self._blocks())
        found = find_contradiction(name, tokens)
        if found is not None and 2 * len(found[1]) > len(tokens):
            raise SourceError(
                msg(
                    "{file} is not {encoding}: so its words are {words}, and read as {other} they are {others}; leave"
                    " the encoding out, or give {other}",
                    file=self.name,
                    encoding=encoding,
                    words=_shown(found[1], name),
                    other=found[0],
                    others=_shown(found[1], found[0]),
                )
            )
        return encoding

    def _require_sense(self) -> None:
        """Look at lines from all over the text for letters that make no sense.

        Raises:
            SourceError: Most lines are garbled, or some are in another encoding than the others.
        """
        if self.encoding not in {"utf-8", "utf-8-sig"} and not self.encoding.startswith(("utf-16", "utf-32")):
            self._require_one_encoding()
        lines = garbled = 0
        example = ""
        with_letters = self.open("")
        try:
            while (text := with_letters.read(BLOCK)) and lines < _MOST_LINES:
                for line in islice(
                    (line for line in text.splitlines() if not line.isascii() or "??" in line), _LINES_OF_BLOCK
                ):
                    lines += 1
                    if is_garbled(line[:_LONGEST_LINE]):
                        garbled += 1
                        example = example or line
        except UnicodeError:
            return  # the reader raises its own error
        finally:
            with_letters.detach()
        if garbled and garbled >= _LEAST_GARBLED * lines:
            raise SourceError(
                msg(
                    "{file}: the letters of most rows are garbled, as by a program that took their encoding for another"
                    " one: «{garbled}» was «{words}»; export the price list anew, as UTF-8",
                    file=self.name,
                    garbled=example.strip()[:_SHOWN_LETTERS],
                    words=(repaired(example[:_LONGEST_LINE]) or "?")[:_SHOWN_LETTERS],
                )
            )

    def _require_one_encoding(self) -> None:
        found = find_contradiction(self.encoding, odd_tokens(self._blocks(), self.encoding))
        if found is not None:
            other, words = found
            raise SourceError(
                msg(
                    "{file}: most of its words are in {encoding}, and some in {other}, such as {words}; save the file"
                    " in one encoding, as UTF-8",
                    file=self.name,
                    encoding=self.encoding,
                    other=other,
                    words=_shown(words, other),
                )
            )


@contextmanager
def doubting(name: str, doubts: tuple[Doubt, ...]) -> Iterator[None]:
    """Ask for the encoding where a file cannot be understood by one that is in doubt.

    Args:
        name: Name of the file; what is done in the block is to understand its first rows.
        doubts: The question.

    Raises:
        SourceDoubtfulError: It cannot be understood, and its encoding is in doubt.
    """
    try:
        yield
    except SourceError as error:
        if not doubts:
            raise
        raise doubtful(name, doubts) from error


def doubt_about_encoding(tokens: list[bytes], choices: tuple[str, ...]) -> Doubt:
    """Ask which encoding is right.

    Args:
        tokens: Words of the source.
        choices: The encodings, the best first.
    """
    differing = [token for token in tokens if len({token.decode(name, "replace") for name in choices}) > 1]
    return Doubt(
        subject="encoding",
        choices=tuple(
            Choice(label=name, layout={"encoding": name}, examples=tuple(_words(differing, name))) for name in choices
        ),
    )


def _words(tokens: list[bytes], encoding: str) -> list[str]:
    return [visible(token.decode(encoding, "replace")) for token in tokens[:_FEW_WORDS]]


def _shown(tokens: list[bytes], encoding: str) -> Message:
    return join_messages([f"«{word}»" for word in _words(tokens, encoding)])


class _Survey:
    """What all bytes of a file show, taken on the way through it."""

    def __init__(self) -> None:
        self.is_utf_8 = True
        self.is_suspect = False
        self.has_nul = False
        self.has_end_mark = False
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def take(self, chunk: bytes) -> None:
        self.has_nul = self.has_nul or b"\0" in chunk
        self.has_end_mark = chunk.endswith(b"\x1a")
        if not self.is_utf_8:
            return
        try:
            text = self._decoder.decode(chunk)
        except UnicodeDecodeError:
            self.is_utf_8 = False
            return
        # One letter is looked for many times as fast as two.
        self.is_suspect = self.is_suspect or any(mark[-1] in text and mark in text for mark in _MARKS)


class TextRowFile(RowFile):
    """A file of text that gives rows."""

    _text: io.TextIOWrapper

    def __init__(self, path: Path, layout: Layout = UNKNOWN_LAYOUT, required: Collection[Field] = REQUIRED) -> None:
        """Open a file and determine what is where in it.

        Raises:
            OSError: The file cannot be opened.
            SourceError: It is empty or not of its format, or the required fields are not to be found.
            ConfigurationError: A package that reads its format is not installed.
        """
        self.name: str = visible(path.name)
        self._file = TextFile(path, layout.encoding, self._declared_encoding)
        self.source: SourceFile = self._file.source
        try:
            self._open(layout, required)
        except BaseException:
            self._file.close()
            raise

    @abstractmethod
    def _open(self, layout: Layout, required: Collection[Field]) -> None:
        """Open the text, and determine what is where in it."""

    @staticmethod
    def _declared_encoding(head: bytes) -> str | None:  # noqa: ARG004  (of a format that has no such declaration)
        """Return the encoding that the file's first bytes declare."""
        return None

    @property
    def fraction(self) -> float:
        """Share of the file that has been read, 0 to 1."""
        return self._file.fraction

    def close(self) -> None:
        """Close the file."""
        self._file.close()
