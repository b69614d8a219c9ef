"""Explanations on the wire."""

from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.explanation_document import docs_url as docs_url
from alchemist_desktop.domain.explanation_document import explanation_document


def explanation_json(explanation: Explanation | None) -> JsonObject | None:
    return None if explanation is None else explanation_document(explanation)
