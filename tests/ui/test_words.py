"""How values are written for people."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.ui import words


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [(-3, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (3570, "1 h 00 min"), (4320, "1 h 12 min"), (90_000, "1 d 1 h")],
)
def test_duration(duration_s: float, text: str) -> None:
    assert words.duration(duration_s) == text


@pytest.mark.parametrize(("before", "after", "text"), [(100, 39, "−61 %"), (100, 104, "+4 %"), (100, 100, "−0 %"), (0, 5, "")])
def test_saving(before: int, after: int, text: str) -> None:
    assert words.saving(before, after) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=-2), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=2), "2 d ago"),
    ],
)
def test_ago(passed: timedelta, text: str) -> None:
    now = datetime(2030, 5, 1, 12, tzinfo=UTC)
    assert words.ago(now - passed, now) == text


@given(st.binary(max_size=40).filter(lambda raw: b"\0" not in raw))
def test_any_file_name_can_be_shown_on_one_line(raw: bytes) -> None:
    shown = words.shown_path(raw.decode("utf-8", "surrogateescape"))
    assert all(character.isprintable() for character in shown)
    shown.encode("utf-8")


def test_a_folder_is_told_from_its_library_on() -> None:
    assert words.folder("/media/films/Umbra (1999)/umbra.mkv", "/media/films") == "films/Umbra (1999)"
    assert words.folder("/elsewhere/umbra.mkv", "/media/films") == "/elsewhere"


def test_a_tooltip_takes_no_markup_from_a_name() -> None:
    assert words.tooltip("<b>x</b>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


@pytest.mark.parametrize(
    ("name", "value", "pair"),
    [
        ("output_size_bytes", 2_000_000, ("Output size", "2.0 MB")),
        ("limit_s", 180, ("Limit", "3 min")),
        ("bpp", 0.0433333, ("Bpp", "0.04333")),
        ("target_codec", "hevc", ("Target codec", "HEVC")),
        ("codec", "h264", ("Codec", "H.264")),
        ("container", "matroska", ("Container", "Matroska")),
        ("bit_depth", 10, ("Bit depth", "10")),
        ("is_hdr", True, ("Is hdr", "yes")),
        ("path", "a\nb", ("Path", "a�b")),
    ],
)
def test_measured(name: str, value: str | float | bool, pair: tuple[str, str]) -> None:
    assert words.measured(name, value) == pair


@pytest.mark.parametrize(("name", "text"), [("h264", "H.264"), ("mov_text", "Timed text"), ("xyz", "XYZ"), (None, "–")])
def test_codec(name: str | None, text: str) -> None:
    assert words.codec(name) == text
