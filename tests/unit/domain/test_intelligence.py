"""Which files are duplicates of each other."""

from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.intelligence import IntelligenceReport, LikeFile, group_duplicates
from alchemist_desktop.domain.job import FileStamp, JobState


def like(path: str, size: int = 1000, digest: str | None = "a", duration_s: float | None = 60.0, inode: int = 0) -> LikeFile:
    return LikeFile(
        job_id=JobId(abs(hash(path)) % 10**9),
        path=path,
        state=JobState.QUEUED,
        stamp=FileStamp(size_bytes=size, mtime_ns=1, device=1, inode=inode),
        duration_s=duration_s,
        digest=digest,
    )


def paths(files: list[LikeFile]) -> list[list[str]]:
    return [[file.path for file in group.files] for group in group_duplicates(files)]


def test_equal_content_counts_whatever_the_names() -> None:
    files = [like("/b/Film (2001).mkv"), like("/a/x.mkv"), like("/c/other.mkv", digest="b")]
    (group,) = group_duplicates(files)
    assert [file.path for file in group.files] == ["/a/x.mkv", "/b/Film (2001).mkv"]
    assert (group.stem, group.is_proved, group.freed_bytes) == ("x", True, 1000)


def test_equal_names_and_sizes_are_not_enough() -> None:
    seasons = [like(f"/series/Season {n}/01.mkv", digest=f"content {n}") for n in range(5)]
    assert group_duplicates(seasons) == []


def test_lengths_that_differ_tell_apart_and_unknown_ones_do_not() -> None:
    assert paths([like("/a"), like("/b", duration_s=61.0)]) == []
    assert paths([like("/a"), like("/b", duration_s=60.2)]) == [["/a", "/b"]]
    assert paths([like("/a"), like("/b", duration_s=None)]) == [["/a", "/b"]]
    assert paths([like("/a", duration_s=None), like("/b", duration_s=None)]) == [["/a", "/b"]]


def test_what_cannot_be_compared_needs_the_very_same_length() -> None:
    unread = [like("/a", digest=None), like("/b", digest=None), like("/c", digest=None, duration_s=60.1)]
    (group,) = group_duplicates(unread)
    assert [file.path for file in group.files] == ["/a", "/b"]
    assert not group.is_proved
    assert group_duplicates([like("/a", digest=None, duration_s=None), like("/b", digest=None, duration_s=None)]) == []


def test_two_names_of_one_file_free_nothing() -> None:
    (group,) = group_duplicates([like("/a", inode=5), like("/b", inode=5), like("/c", inode=6)])
    assert group.freed_bytes == 1000


def test_the_largest_groups_come_first() -> None:
    files = [like(f"/a{n}", digest="two") for n in range(2)] + [like(f"/b{n}", digest="three", size=5) for n in range(3)]
    assert [len(group) for group in paths(files)] == [3, 2]
    assert IntelligenceReport(duplicates=tuple(group_duplicates(files))).total_duplicates == 3


@given(
    st.lists(
        st.builds(
            like,
            st.integers(0, 10**6).map(lambda n: f"/{n}"),
            st.integers(1, 3),
            st.sampled_from(["a", "b", None]),
            st.sampled_from([None, 10.0, 10.3, 20.0]),
        ),
        max_size=30,
        unique_by=lambda file: file.path,
    )
)
def test_groups_are_disjoint_and_of_one_size_and_content(files: list[LikeFile]) -> None:
    groups = group_duplicates(files)
    grouped = [file.path for group in groups for file in group.files]
    assert len(grouped) == len(set(grouped))
    for group in groups:
        assert len(group.files) > 1
        assert len({file.stamp.size_bytes for file in group.files}) == 1
        assert len({file.digest for file in group.files}) == 1
        assert group.is_proved == (group.files[0].digest is not None)
