"""Explanations on the wire."""

from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.explanation import Explanation

_DOCS = "https://deadsignal.works/alchemist/docs/errors/#"


def docs_url(code: str) -> str:
    return _DOCS + code.lower()


def explanation_json(explanation: Explanation | None) -> JsonObject | None:
    if explanation is None:
        return None
    return {
        "category": explanation.category,
        "code": explanation.code,
        "summary": explanation.summary,
        "detail": explanation.detail,
        "operator_guidance": explanation.operator_guidance,
        "measured": dict(explanation.measured),
        "legacy_reason": explanation.reason,
        "docs_url": docs_url(explanation.code),
    }
