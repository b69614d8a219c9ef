"""An explanation as the JSON object that other programs read, and where its code is documented."""

from alchemist_desktop.domain.explanation import Explanation

_DOCS = "https://deadsignal.works/alchemist/docs/errors/#"


def docs_url(code: str) -> str:
    """Where people read about a code."""
    return _DOCS + code.lower()


def explanation_document(explanation: Explanation) -> dict[str, object]:
    """Every member of the wire contract, none left out."""
    return {
        "category": explanation.category.value,
        "code": explanation.code,
        "summary": explanation.summary,
        "detail": explanation.detail,
        "operator_guidance": explanation.operator_guidance,
        "measured": dict(explanation.measured),
        "legacy_reason": explanation.reason,
        "docs_url": docs_url(explanation.code),
    }
