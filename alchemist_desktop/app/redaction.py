"""Takes secrets out of text that is written down or shown."""

import re

HIDDEN = "***"

_NAMES = r"[a-z_]*(?:password|token|secret)|passwd|passphrase|pwd|(?:x-)?api[_-]?key|alchemist_session|authorization"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"alc_tok_[A-Za-z0-9]+"), f"alc_tok_{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    # the part of an address that lets anybody post: whatever follows the name of the service's hook
    (re.compile(r"(?i)(https?://[^\s/\"'<>]+/[^\s\"'<>]*?(?:webhooks?|hooks?|services)/)[^\s\"'<>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(https?://api\.telegram\.org/bot)[^\s/\"'<>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(https?://hooks\.[^\s/\"'<>]+/)[^\s\"'<>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s/:@\"'<>]*:)[^\s/@\"'<>]+@"), rf"\1{HIDDEN}@"),
    # name=value, name: value, "name": "value"
    (re.compile(rf"(?i)\b({_NAMES})([\"']?\s*[=:]\s*)\"(?:[^\"\\]|\\.)*\""), rf'\1\2"{HIDDEN}"'),
    (re.compile(rf"(?i)\b({_NAMES})([\"']?\s*[=:]\s*)'(?:[^'\\]|\\.)*'"), rf"\1\2'{HIDDEN}'"),
    (re.compile(rf"(?i)\b({_NAMES})([\"']?\s*[=:]\s*)(?!bearer\b|basic\b)[^\s\"',;&}}\])]+"), rf"\1\2{HIDDEN}"),
)


def redact(text: str) -> str:
    """`text` without tokens, passwords and the secret part of webhook addresses. Applying it twice changes nothing more."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
