"""Small libraries with one file about to be replaced, for tests of replacing, undoing and the trash."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alchemist_desktop.domain.ids import JobId, TrashId
from alchemist_desktop.domain.replacement import Replacement, SourceDisposal, TrashEntry
from alchemist_desktop.media.disk import stamp_of
from alchemist_desktop.media.replace import advance, prepare
from alchemist_desktop.media.workspace import Workspace

SOURCE, WORK, FOREIGN, SIDECAR = b"source" * 5000, b"work" * 3000, b"foreign" * 100, b"subtitle"


@dataclass(frozen=True)
class Case:
    """What kind of replacement it is."""

    disposal: SourceDisposal
    in_place: bool = False
    replaces: bool = False
    has_sidecar: bool = False

    def __str__(self) -> str:
        words = (self.in_place and "in_place", self.replaces and "replaces", self.has_sidecar and "sidecar")
        return "-".join([self.disposal, *(word for word in words if word)])


def build_replacement(library: Path, case: Case) -> Replacement:
    library.mkdir()
    source = library / "Fïlm.mkv"
    source.write_bytes(SOURCE)
    output = source if case.in_place else library / "Fïlm-alchemist.mkv"
    if case.replaces:
        output.write_bytes(FOREIGN)
    workspace = Workspace("test")
    folder = Path(workspace.create_work_dir(JobId(7), str(output), str(library)))
    work = folder / "output.mkv"
    work.write_bytes(WORK)
    sidecars: tuple[tuple[str, str], ...] = ()
    if case.has_sidecar:
        (folder / "sub.srt").write_bytes(SIDECAR)
        sidecars = ((str(folder / "sub.srt"), str(library / "Fïlm.eng.srt")),)
    return prepare(
        workspace=workspace,
        job_id=JobId(7),
        source_path=str(source),
        source_stamp=stamp_of(str(source)),
        work_path=str(work),
        output_path=str(output),
        disposal=case.disposal,
        root=str(library),
        replace_existing=case.replaces,
        sidecars=sidecars,
    )


def content_of(path: str | None) -> bytes | None:
    return Path(path).read_bytes() if path is not None and Path(path).exists() else None


def replaced_entry(library: Path, case: Case) -> TrashEntry:
    made = build_replacement(library, case)
    advance(made)
    assert made.trash_path is not None
    return TrashEntry(
        id=TrashId(1),
        job_id=made.job_id,
        original_path=made.source_path,
        trash_path=made.trash_path,
        output_path=made.output_path,
        size_bytes=made.source_stamp.size_bytes,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        output_stamp=made.work_stamp,
    )
