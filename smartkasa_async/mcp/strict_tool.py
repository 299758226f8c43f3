"""Tools that refuse arguments which they do not have: one that is dropped makes an answer to another question."""

from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async.mcp.texts import safe_text

_LONGEST_NAME = 50


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
            ToolError: It has no such argument, or failed.
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
        return await super().run(arguments, context, convert_result)
