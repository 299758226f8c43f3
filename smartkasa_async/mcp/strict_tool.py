"""Tools that refuse arguments which they do not have, or which have another form, in words of this library.

An argument that is dropped would make an answer to another question.
"""

from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from pydantic import Field, ValidationError

from smartkasa_async._i18n.message import N_, Message, msg
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async.mcp.texts import safe_text

_LONGEST_NAME = 50
_FORMS = {
    "string": N_("a text"),
    "integer": N_("a whole number"),
    "object": N_("a JSON object"),
    "array": N_("a list of JSON objects of texts and numbers"),
}
"""What arguments take, by their types in the schema."""


class StrictTool(Tool):
    """A tool that refuses what is no argument of it."""

    language: Language = Field("en", description="Language of refusals", exclude=True)

    async def run(
        self,
        arguments: dict[str, Any],
        context: Context[Any, Any],
        convert_result: bool = False,  # noqa: FBT001, FBT002  (the SDK's own)
    ) -> Any:
        """Run the tool.

        Raises:
            ToolError: It has no such argument, the argument takes no such value, or the tool failed.
        """
        known = self.parameters.get("properties", {})
        for name in arguments:
            if name not in known:
                message = msg(
                    "{tool} has no argument {name!r}; it has: {known}",
                    tool=self.name,
                    name=safe_text(name, _LONGEST_NAME),
                    known=", ".join(known) or "—",
                )
                raise ToolError(in_language(message, self.language))
        try:
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            if isinstance(error, UnexpectedToolError) or not isinstance(error.__cause__, ValidationError):
                raise
            where = error.__cause__.errors()[0]["loc"]
            raise ToolError(in_language(self._misfit(where, arguments), self.language)) from None

    def _misfit(self, where: tuple[int | str, ...], arguments: dict[str, Any]) -> Message:
        """Describe what an argument takes, or a field in it, that is missing or has another form."""
        argument = f"{where[0]}"
        schema = self.parameters["properties"][argument]
        choices = schema.get("enum")
        kind = schema.get("type") or schema["anyOf"][0]["type"]
        form = msg("one of {choices}", choices=", ".join(choices)) if choices else msg(_FORMS[kind])
        if argument not in arguments:
            return msg("{tool} needs the argument {argument!r}: {form}", tool=self.name, argument=argument, form=form)
        path, value = _found(where, arguments)
        if len(path) > 1:
            form = msg(_FORMS["object"]) if isinstance(path[-1], int) else msg("a text or a number")
        return msg(
            "{argument!r} of {tool} is {value}; give {form}",
            argument=".".join(map(str, path)),
            tool=self.name,
            value=safe_text(repr(value), _LONGEST_NAME),
            form=form,
        )


def _found(where: tuple[int | str, ...], arguments: dict[str, Any]) -> tuple[list[int | str], object]:
    """Follow where an error is as far as the arguments go; it ends with names of the schema's own."""
    path: list[int | str] = []
    value: Any = arguments
    for part in where:
        is_there = part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int)
        if not is_there:
            break
        value = value[part]
        path.append(part)
    return path, value
