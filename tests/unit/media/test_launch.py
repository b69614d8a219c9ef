"""The words put before a command, and arguments that Qt alone would spoil."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alchemist_desktop.media.launch import launch_argv

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="arguments are Unicode there")

_ARGUMENT = st.binary(max_size=40).filter(lambda raw: b"\0" not in raw).map(os.fsdecode)


@settings(max_examples=40, deadline=None)
@given(st.lists(_ARGUMENT, max_size=4))
def test_every_argument_arrives_byte_for_byte(arguments: list[str]) -> None:
    argv = launch_argv([sys.executable, "-c", "import os,sys; os.write(1, b'|'.join(map(os.fsencode, sys.argv)))", *arguments])
    done = subprocess.run(argv, capture_output=True, check=True)
    assert done.stdout == b"|".join([b"-c", *map(os.fsencode, arguments)])


@given(_ARGUMENT)
def test_whatever_is_given_to_qt_is_text_it_can_pass_on(argument: str) -> None:
    assert all(part.encode() for part in launch_argv([sys.executable, f"a{argument}"]))


def test_a_program_that_is_not_there_is_started_as_it_is() -> None:
    assert launch_argv(["/no/such/ffmpeg", "-version"]) == ["/no/such/ffmpeg", "-version"]
