"""Structs and enums from the document's schemas, through datamodel-code-generator."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from datamodel_code_generator import generate
from datamodel_code_generator.enums import DataModelType, InputFileType, OpenAPIScope
from datamodel_code_generator.format import DatetimeClassType, Formatter, PythonVersion

if TYPE_CHECKING:
    from codegen.document import Document

__all__ = ["TEMPLATES", "render_structs"]

TEMPLATES = Path(__file__).parent / "templates"
BASE = "smartkasa_async._base.model"


def render_structs(document: Document, header: str) -> str:
    """Write the module of structs and enums.

    Args:
        document: The merged OpenAPI document.
        header: Comment that the module begins with.

    Returns:
        Python source, not yet formatted.
    """
    schemas = _for_structs(document["components"]["schemas"])
    marked: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for name, schema in schemas.items():
        if fields := _fields_of_format(schema, "password"):
            marked[name]["secret_fields"] = fields
        if fields := _fields_of_format(schema, "phone"):
            marked[name]["phone_fields"] = fields
            for field in fields:
                del schema["properties"][field]["format"]  # which the generator warns of, as of none of its own
    with TemporaryDirectory() as folder:
        output = Path(folder) / "structs.py"
        generate(
            json.dumps({**document, "paths": {}, "components": {"schemas": schemas}}),
            input_file_type=InputFileType.OpenAPI,
            openapi_scopes=[OpenAPIScope.Schemas],
            output=output,
            output_model_type=DataModelType.MsgspecStruct,
            target_python_version=PythonVersion.PY_311,
            base_class=f"{BASE}.Model",
            additional_imports=[f"{BASE}.OpenIntEnum", "typing.ClassVar"],
            custom_template_dir=TEMPLATES,
            extra_template_data=marked,
            custom_file_header=header,
            formatters=[Formatter.BUILTIN],
            disable_timestamp=True,
            keyword_only=True,
            snake_case_field=True,
            capitalise_enum_members=True,
            use_specialized_enum=True,
            use_standard_collections=True,
            use_union_operator=True,
            use_schema_description=True,
            use_field_description=True,
            use_attribute_docstrings=True,
            strict_nullable=True,
            output_datetime_class=DatetimeClassType.Datetime,
        )
        return output.read_text("utf-8") + f"\n\n__all__ = {sorted(schemas)!r}\n"


def _for_structs(schemas: dict[str, Any]) -> dict[str, Any]:
    """Point times at the aware type, give enums their codes, and leave out unions of objects: msgspec mixes them up."""
    # Through JSON, since YAML anchors make one dict stand in several places.
    schemas = json.loads(json.dumps({name: schema for name, schema in schemas.items() if "anyOf" not in schema}))
    for schema in schemas.values():
        if "x-extensible-enum" in schema:
            schema["enum"] = schema.pop("x-extensible-enum")
        for field in schema.get("properties", {}).values():
            if field.get("format") == "date-time":
                field["customTypePath"] = f"{BASE}.Instant"
    return schemas


def _fields_of_format(schema: dict[str, Any], format: str) -> list[str]:
    return sorted(name for name, field in schema.get("properties", {}).items() if field.get("format") == format)
