import shutil
import sys
from pathlib import Path

import pytest

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.media.ffmpeg import find_ffmpeg
from tests.support.media import ffmpeg_path


def _program(path: Path, text: str) -> str:
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_one_that_came_along_is_found_with_its_parts() -> None:
    info = find_ffmpeg(None)
    assert Path(info.path).samefile(ffmpeg_path())
    assert info.version.startswith("ffmpeg version ")
    assert {"libx264", "libx265", "aac"} <= info.encoders
    assert {"scale", "null", "anull"} <= info.filters


def test_the_listings_legends_are_not_taken_for_names() -> None:
    info = find_ffmpeg(None)
    assert not {"=", "Video", "Timeline"} & (info.encoders | info.filters)
    assert len(info.encoders) > 50
    assert len(info.filters) > 100


def test_a_configured_one_is_used(tmp_path: Path) -> None:
    copy = tmp_path / "my own ffmpeg"
    shutil.copy(ffmpeg_path(), copy)
    assert find_ffmpeg(str(copy)).path == str(copy)


@pytest.mark.skipif(sys.platform == "win32", reason="scripts are no programs there")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("print('something else')", "it is not FFmpeg"),
        ("raise SystemExit(3)", "exit status 3"),
    ],
)
def test_a_configured_one_that_does_not_work_is_an_error_and_no_reason_for_another(tmp_path: Path, text: str, words: str) -> None:
    path = _program(tmp_path / "ffmpeg", text)
    with pytest.raises(KnownError, match=words) as caught:
        find_ffmpeg(path)
    assert (caught.value.code, caught.value.path) == ("FFMPEG_NOT_FOUND", path)


def test_a_configured_one_that_is_missing_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "nowhere" / "ffmpeg")
    with pytest.raises(KnownError, match="there is no such program") as caught:
        find_ffmpeg(path)
    assert path in caught.value.message
