"""The schemas of the OpenAPI document: what the models say, with a sentence for each member and an example of each body."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import TypeAdapter

from alchemist_desktop.api.contract.details import DETAILS, SAME_AS
from alchemist_desktop.api.contract.event_shapes import EVENTS
from alchemist_desktop.api.contract.examples import EXAMPLES
from alchemist_desktop.api.contract.job_shapes import Problem
from alchemist_desktop.api.contract.members import MEMBERS
from alchemist_desktop.api.contract.operations import Operation

Document = dict[str, Any]
Mode = Literal["validation", "serialization"]

_REFERENCES = "#/components/schemas/{model}"
_TAKEN_OVER = ("description", "minimum", "maximum", "minLength", "minItems", "enum", "items")


class Schemas:
    """The JSON schemas of all bodies and replies, by type; requests and replies differ in which members must be there."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        kinds: dict[tuple[str, Mode], Any] = {(str(kind), "serialization"): kind for kind in (Problem, *EVENTS.values())}
        for operation in operations:
            if operation.body is not None:
                kinds[str(operation.body), "validation"] = operation.body
            if operation.reply is not None:
                kinds[str(operation.reply), "serialization"] = operation.reply
        inputs = [(key[0], key[1], TypeAdapter(kind)) for key, kind in sorted(kinds.items(), key=lambda item: item[0])]
        by_type, definitions = TypeAdapter.json_schemas(inputs, ref_template=_REFERENCES)
        self._by_type: Mapping[Any, Document] = by_type
        self.definitions: Document = definitions.get("$defs", {})
        for name, schema in self.definitions.items():
            self._explain(name, schema)

    def of(self, kind: Any, mode: Mode) -> Document:
        return self._by_type[(str(kind), mode)]

    def _explain(self, name: str, schema: Document) -> None:
        for member, said in schema.get("properties", {}).items():
            for model in SAME_AS.get(name, ()):
                model_says = self.definitions[model]["properties"].get(member, {})
                for word in _TAKEN_OVER:
                    if word in model_says:
                        said.setdefault(word, model_says[word])
            said |= DETAILS.get(f"{name}.{member}", {})
            if member in MEMBERS:
                said.setdefault("description", MEMBERS[member])
        if name in EXAMPLES:
            schema["examples"] = [EXAMPLES[name]]
