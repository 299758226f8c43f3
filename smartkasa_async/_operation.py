"""What the client needs to know of one operation of the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from smartkasa_async._secrets import hide_secrets
from smartkasa_async.errors import UnreadableAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Auth", "Operation", "PageStyle", "ParameterKind", "RetryClass", "Source"]

Auth = Literal["none", "access", "refresh"]
PageStyle = Literal["numbered", "whole"]
ParameterKind = Literal["integer", "string", "boolean", "number", "date", "integers", "strings"]
RetryClass = Literal["safe", "unsent-only"]
Source = Literal["documentation", "blueprint", "inferred"]

AnswerT_co = TypeVar("AnswerT_co", covariant=True)


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

    @property
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
            UnreadableAnswerError: The body is not JSON or does not have the documented form; names the place.
        """
        try:
            return self._decoder.decode(body)
        except msgspec.DecodeError as error:
            reason = str(error)
        except UnicodeDecodeError as error:
            reason = f"A string is not UTF-8 ({error.reason})"
        except RecursionError:
            reason = "Values are nested too deeply"
        # Raised out here: what the decoder raised may hold the text that could not be read, a token perhaps.
        excerpted = body if self.area != "auth" else None
        raise UnreadableAnswerError.from_decoding(self.id, excerpted, reason, hide)

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[AnswerT_co]:
        return msgspec.json.Decoder(self.response)
