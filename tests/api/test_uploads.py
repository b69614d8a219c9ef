"""Reading an upload while it arrives."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.uploads import UploadCodes, UploadedPart, receive_part

pytestmark = pytest.mark.anyio

_CODES = UploadCodes(missing="MISSING", malformed="MALFORMED", too_large="TOO_LARGE", write_failed="WRITE_FAILED")
_HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mkv"\r\nContent-Type: video/x\r\n\r\n'
_SECOND = b'\r\n--x\r\nContent-Disposition: form-data; name="other"\r\n\r\nignored\r\n--x--\r\n'


async def receive(chunks: Sequence[bytes], target: Path, max_bytes: int = 1000) -> UploadedPart:
    messages: list[Message] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    left = iter(messages)

    async def next_message() -> Message:
        return next(left)

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
    return await receive_part(Request(scope, next_message), target, max_bytes=max_bytes, codes=_CODES)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=400), cuts=st.lists(st.integers(0, 700), max_size=8))
async def test_the_first_part_arrives_whole_however_it_is_cut(tmp_path: Path, content: bytes, cuts: list[int]) -> None:
    whole = _HEAD + content + _SECOND
    if b"--x" in content:
        return
    places = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    target = tmp_path / "upload"
    target.unlink(missing_ok=True)
    part = await receive([whole[start:end] for start, end in pairwise(places)], target)
    assert (part.field, part.file_name, part.size_bytes) == ("file", "a.mkv", len(content))
    assert target.read_bytes() == content


async def test_the_limit_holds_while_it_arrives_whatever_was_announced(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        await receive([_HEAD, *[b"y" * 100] * 50], tmp_path / "upload")
    assert (caught.value.status, caught.value.code) == (413, "TOO_LARGE")


@pytest.mark.parametrize(
    ("chunks", "code"),
    [([], "MISSING"), ([b"--x--\r\n"], "MISSING"), ([_HEAD, b"half"], "MALFORMED"), ([b"nonsense"], "MALFORMED"),
     ([b"--x\r\n" + b"A" * 20_000 + b": b\r\n\r\n"], "MALFORMED")],
)  # fmt: skip
async def test_what_is_no_upload_is_told(tmp_path: Path, chunks: list[bytes], code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        await receive(chunks, tmp_path / "upload")
    assert (caught.value.status, caught.value.code) == (400, code)


async def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        await receive([_HEAD, _SECOND], tmp_path / "missing" / "upload")
    assert (caught.value.status, caught.value.code) == (500, "WRITE_FAILED")
