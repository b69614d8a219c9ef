"""A better quality word gives a larger file that looks better, on every CPU encoder; `docs/quality.md` has the figures."""

from pathlib import Path

import pytest

from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.profile import CpuPreset
from tests.quality_table import falls
from tests.support.quality_words import CPU_ENCODERS, cut, measure


@pytest.mark.slow
@pytest.mark.parametrize("encoder", CPU_ENCODERS, ids=lambda encoder: encoder.name)
def test_words_fall_in_size_and_vmaf(encoder: Encoder, tmp_path: Path) -> None:
    results = measure(encoder, cut("carphone", tmp_path, seconds=2.0), tmp_path, CpuPreset.FASTER)
    assert falls(results), results
