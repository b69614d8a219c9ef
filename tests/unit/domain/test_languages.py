"""Codes of languages in one form."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alchemist_desktop.domain.languages import normal_language


@pytest.mark.parametrize(
    ("code", "normal"),
    [
        ("ger", "ger"), ("deu", "ger"), ("de", "ger"), ("DE-AT", "ger"), ("pt_BR", "por"), ("zh-Hant", "chi"), ("zho", "chi"),
        ("eng", "eng"), ("en", "eng"), ("tlh", "tlh"), ("ger - AT", "ger"), ("und", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_codes_of_one_language_are_the_same(code: str | None, normal: str | None) -> None:
    assert normal_language(code) == normal


@given(st.text(max_size=12))
@example("0 -")
def test_the_form_is_stable(code: str) -> None:
    normal = normal_language(code)
    assert normal_language(normal) == normal
