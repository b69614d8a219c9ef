"""Extracted subtitles get names of their own, whatever lies beside the result already."""

from pathlib import Path

from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.plan import Action, Plan, StreamAction, StreamKind, StreamPlan
from alchemist_desktop.engine.steps.plan_sidecars import with_free_sidecars


def _plan(*suffixes: str) -> Plan:
    streams = tuple(
        StreamPlan(
            index=index, kind=StreamKind.SUBTITLE, action=StreamAction.EXTRACT, codec=None, sidecar=suffix, note=_note(suffix)
        )
        for index, suffix in enumerate(suffixes)
    )
    return Plan(action=Action.TRANSCODE, explanation=explain("transcode_recommended"), streams=streams)


def _note(suffix: str | None) -> str:
    return f"Written ({suffix})."


def _names(plan: Plan, folder: Path) -> list[str | None]:
    streams = with_free_sidecars(plan, str(folder / "film.mkv")).streams
    assert [stream.note for stream in streams] == [_note(stream.sidecar) for stream in streams]
    return [stream.sidecar for stream in streams]


def test_free_names_stay(tmp_path: Path) -> None:
    assert _names(_plan(".eng.srt", ".eng.2.srt"), tmp_path) == [".eng.srt", ".eng.2.srt"]


def test_taken_names_get_the_next_number_that_nobody_has(tmp_path: Path) -> None:
    (tmp_path / "film.eng.srt").write_text("own")
    (tmp_path / "film.eng.3.srt").symlink_to("nowhere")
    assert _names(_plan(".eng.srt", ".eng.2.srt", ".ger.ass"), tmp_path) == [".eng.4.srt", ".eng.2.srt", ".ger.ass"]
    (tmp_path / "film.eng.2.srt").write_text("own")
    assert _names(_plan(".eng.srt", ".eng.2.srt"), tmp_path) == [".eng.4.srt", ".eng.5.srt"]
