"""Both schemes can be read."""

import pytest

from alchemist_desktop.domain.job import JobState
from alchemist_desktop.ui.colors import DARK, LIGHT, STATE_TONES, Colors, Tone, contrast, mix
from alchemist_desktop.ui.style_sheet import style_sheet
from tests.ui.support import RESOURCES

READABLE = 4.5  # what WCAG asks of text of ordinary size


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out_everywhere(colors: Colors) -> None:
    for ground in (colors.window, colors.sidebar, colors.surface, colors.raised, colors.hover, colors.selection):
        assert contrast(colors.text, ground) >= 7
        assert contrast(colors.muted, ground) >= READABLE, ground
    assert contrast(colors.on_accent, colors.accent) >= READABLE


@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_every_tone_can_be_read_on_its_chip_and_its_rows(colors: Colors, tone: Tone) -> None:
    for ground in (colors.tint(tone), colors.surface, colors.hover, colors.selection):
        assert contrast(colors.tone(tone), ground) >= READABLE, ground


def test_every_state_has_a_tone() -> None:
    assert set(STATE_TONES) == set(JobState)


def test_mix_goes_from_one_colour_to_the_other() -> None:
    assert [mix("#ff0000", "#0000ff", share) for share in (0, 0.5, 1)] == ["#0000ff", "#800080", "#ff0000"]


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_has_no_gaps(colors: Colors) -> None:
    assert "@" not in style_sheet(colors, RESOURCES)
