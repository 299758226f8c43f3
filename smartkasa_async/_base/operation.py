"""The description of one operation of the API that the client works by."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, cast, get_args, get_type_hints

from smartkasa_async._base.decoding import RawPage, UnreadableJsonError, decode, id_of
from smartkasa_async._i18n.secrets import hide_secrets
from smartkasa_async.errors import UnreadableAnswerError, UnreadableRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Auth = Literal["none", "access", "refresh"]
PageStyle = Literal["numbered", "whole"]
ParameterKind = Literal["integer", "string", "phone", "boolean", "number", "date", "moment", "integers", "strings"]
RetryClass = Literal["safe", "unsent-only"]
Source = Literal["documentation", "blueprint", "inferred"]

AnswerT_co = TypeVar("AnswerT_co", covariant=True)
RecordT_co = TypeVar("RecordT_co", covariant=True)


class ListAnswer(Protocol[RecordT_co]):
    """Success answer of a list."""

    @property
    def data(self) -> Sequence[RecordT_co]:
        """The records of the page."""

    @property
    def meta(self) -> Any:
        """The position of the page in its list."""


@dataclass(frozen=True, eq=False)
class Operation(Generic[AnswerT_co]):
    """One operation of the API, as the OpenAPI document describes it.

    Attributes:
        id: The operationId, for example `listShops`.
        method: HTTP method in capitals.
        path: Path template below the service's address, for example `/api/v1/rsn/shops/{id}`.
        area: Attribute of the client, for example `shops`.
        name: Method of that area, for example `list`.
        auth: Token that goes with the request; the API key always does.
        envelope: Key of the request body in the enveloped wire form; None where nothing is sent.
        retry: `safe`: may be sent again whatever happened; `unsent-only`: only if it surely was not carried out.
        pages: `numbered` or `whole` for lists, else None.
        parameters: Query parameters by their wire name, with the kind of value that each takes.
        request: Struct of the request body; None where there is none.
        response: Struct of the success answer, `data` and `meta`.
        status: HTTP status of the success answer.
        source: What the operation's form is known from.
    """

    id: str
    method: str
    path: str
    area: str
    name: str
    auth: Auth
    envelope: str | None
    retry: RetryClass
    pages: PageStyle | None
    parameters: dict[str, ParameterKind] = field(repr=False)
    request: type[Any] | None
    response: type[AnswerT_co]
    status: int
    source: Source

    @cached_property
    def is_write(self) -> bool:
        """Whether it changes something, so that its outcome matters; a login that was lost does not."""
        return self.method != "GET" and self.auth != "none"

    @property
    def is_batch(self) -> bool:
        """Whether it writes many records at once, by `x-envelope` of the OpenAPI document."""
        return self.envelope == "batch"

    def decode(self, body: bytes, hide: Callable[[str], str] = hide_secrets) -> AnswerT_co:
        """Decode the body of a success answer.

        Args:
            body: JSON as it came from the service.
            hide: Hides secrets in what an error quotes of it; nothing is quoted of an answer with tokens.

        Returns:
            The answer's struct, with `data` and `meta`.

        Raises:
            UnreadableAnswerError: The body is not JSON or does not have the documented form; names the JSON path.
        """
        try:
            return decode(body, self.response)
        except UnreadableJsonError as error:
            quoted = body if self.area != "auth" else None
            unreadable = UnreadableAnswerError.of(self.id, quoted, error.reason, error.path, hide)
        raise unreadable

    def decode_page(
        self, body: bytes, hide: Callable[[str], str] = hide_secrets, *, page: int
    ) -> tuple[AnswerT_co, list[UnreadableRecord]]:
        """Decode the answer of a list; a record that cannot be read costs itself alone.

        Args:
            body: JSON as it came from the service.
            hide: Hides secrets in what an error quotes of it.
            page: Number of the page, from 1.

        Returns:
            The answer's struct with the records that can be read, and the others.

        Raises:
            UnreadableAnswerError: The answer as a whole does not have the documented form; names the JSON path.
        """
        try:
            return self.decode(body, hide), []
        except UnreadableAnswerError as error:
            if not error.path.startswith("$.data[") and error.path != "$":
                raise
            unreadable_answer = error
        forms = get_type_hints(self.response)
        try:
            whole = decode(body, RawPage)
            meta = decode(whole.meta, forms["meta"])
        except UnreadableJsonError:
            raise unreadable_answer from None
        (form,) = get_args(forms["data"])
        records: list[Any] = []
        unreadable: list[UnreadableRecord] = []
        for number, raw in enumerate(whole.data, 1):
            try:
                records.append(decode(raw, form))
            except UnreadableJsonError as error:
                unreadable.append(
                    UnreadableRecord.of(
                        self.id,
                        page,
                        number,
                        id=id_of(raw),
                        path=error.path,
                        reason=error.reason,
                        raw=bytes(raw),
                        hide=hide,
                    )
                )
        if not records and unreadable_answer.path == "$":  # one fault of all of them
            raise unreadable_answer
        make = cast("Callable[..., AnswerT_co]", self.response)
        return make(data=records, meta=meta), unreadable
