"""Shapes of replies about the library as a whole: its health, advice and previews."""

from typing import Literal

from alchemist_desktop.api.contract.job_shapes import JobShape, Reply
from alchemist_desktop.domain.health import Depth, HealthCategory
from alchemist_desktop.domain.intelligence import RecommendationKind
from alchemist_desktop.domain.job import JobState


class HealthProgressShape(Reply):
    """How far the pass is; `total` is null while files are still being counted."""

    checked: int
    total: int | None
    current_path: str | None


class HealthSummaryShape(Reply):
    """The health of the library; `unfinished_depth` is that of an interrupted pass that can be taken up again."""

    total_checked: int
    issues_found: int
    last_run: str | None
    running: bool
    depth: Depth
    progress: HealthProgressShape
    unfinished_depth: Depth | None


class HealthReportShape(Reply):
    """What is wrong with a file."""

    category: HealthCategory
    summary: str
    raw_output: str
    advice: str


class HealthIssueShape(Reply):
    """A file with something wrong; the job with the id 0 stands for a file that never was one."""

    job: JobShape
    report: HealthReportShape
    path: str
    depth: Depth
    checked_at: str


class AcceptedShape(Reply):
    """Something goes on in the background."""

    ok: bool
    status: Literal["accepted"]


class HealthCheckedShape(Reply):
    """The outcome of checking one result."""

    job_id: int
    issue_found: bool


class DuplicateShape(Reply):
    """One of several equal files."""

    id: int
    path: str
    status: JobState


class DuplicateGroupShape(Reply):
    """Equal files; `proved` when their content was compared, not size and length alone."""

    stem: str
    count: int
    paths: list[DuplicateShape]
    size_bytes: int
    freed_bytes: int
    proved: bool


class RecommendationCountsShape(Reply):
    """How many pieces of advice there are of each kind, also those that are not listed."""

    duplicates: int
    remux_only_candidate: int
    wasteful_audio_layout: int
    commentary_cleanup_candidate: int


class AdviceShape(Reply):
    """One piece of advice about one file."""

    type: RecommendationKind
    title: str
    summary: str
    path: str
    suggested_action: str
    freed_bytes: int


class IntelligenceShape(Reply):
    """What could be gained besides encoding; `unsampled` files are still to be compared by their content."""

    duplicate_groups: list[DuplicateGroupShape]
    total_duplicates: int
    recommendation_counts: RecommendationCountsShape
    recommendations: list[AdviceShape]
    unsampled: int


class PreviewBytesShape(Reply):
    """Bytes of files by what would be done with them."""

    skip: int
    remux: int
    encode: int


class PreviewCountsShape(PreviewBytesShape):
    """Files by what would be done with them; those that cannot be read are errors."""

    error: int


class PreviewSampleShape(Reply):
    """What would become of one file."""

    path: str
    action: Literal["skip", "remux", "encode", "error"]
    reason: str
    size_bytes: int


class LibraryPreviewShape(Reply):
    """What would become of some files of a folder."""

    scanned: int
    truncated: bool
    counts: PreviewCountsShape
    bytes_under_consideration: PreviewBytesShape
    samples: list[PreviewSampleShape]
