"""What could be gained in the library besides encoding; computed off the loop and kept for half a minute."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from alchemist_desktop.domain.intelligence import IntelligenceReport, LikeFile, RecommendationKind, group_duplicates
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.media.content_sample import sample_digest
from alchemist_desktop.storage.intelligence import IntelligenceRepository

_FRESH_S = 30.0
_LISTED_PER_KIND = 500
_SAMPLE_AT_ONCE_S = 0.4  # of the second in which an answer is expected; what is left is sampled afterwards
_BATCH = 50


class IntelligenceService:
    """One report for everybody who asks within half a minute."""

    def __init__(self, findings: IntelligenceRepository, clock: Clock) -> None:
        self._findings = findings
        self._clock = clock
        self._lock = asyncio.Lock()
        self._report: IntelligenceReport | None = None
        self._made_s = 0.0
        self._unreadable: set[str] = set()
        self._sampling: asyncio.Task[None] | None = None

    async def report(self) -> IntelligenceReport:
        """Duplicates and advice over every live job."""
        async with self._lock:
            if self._report is None or self._clock.monotonic_s() - self._made_s > _FRESH_S:
                self._report = await self._make()
                self._made_s = self._clock.monotonic_s()
            return self._report

    async def close(self) -> None:
        """Stop sampling contents."""
        if self._sampling is not None:
            self._sampling.cancel()
            await asyncio.gather(self._sampling, return_exceptions=True)

    async def _make(self) -> IntelligenceReport:
        files = await self._findings.like_files()
        unread = self._to_sample(files)
        sampled = await self._sample(unread, _SAMPLE_AT_ONCE_S)
        files = [sampled.get(file.path, file) for file in files]
        left = self._to_sample(files)
        if left and (self._sampling is None or self._sampling.done()):
            self._sampling = asyncio.create_task(self._sample_all(left), name="content samples")
        kinds = {kind: await self._findings.candidates(kind, _LISTED_PER_KIND) for kind in RecommendationKind}
        return IntelligenceReport(
            duplicates=tuple(await asyncio.to_thread(group_duplicates, files)),
            recommendations=tuple(recommendation for kind in sorted(kinds) for recommendation in kinds[kind].recommendations),
            counts={kind: candidates.count for kind, candidates in kinds.items()},
            unsampled=len(left),
        )

    def _to_sample(self, files: Sequence[LikeFile]) -> list[LikeFile]:
        return [file for file in files if file.digest is None and file.path not in self._unreadable]

    async def _sample_all(self, files: Sequence[LikeFile]) -> None:
        for start in range(0, len(files), _BATCH):
            await self._sample(files[start : start + _BATCH], None)
        self._report = None

    async def _sample(self, files: Sequence[LikeFile], limit_s: float | None) -> dict[str, LikeFile]:
        """The files with their digests, by path; as many as the time allows."""
        if not files:
            return {}
        sampled, unreadable = await asyncio.to_thread(_digests, files, limit_s)
        self._unreadable |= unreadable
        if sampled:
            await self._findings.put_samples(sampled)
        return {file.path: file for file in sampled}


def _digests(files: Sequence[LikeFile], limit_s: float | None) -> tuple[list[LikeFile], set[str]]:
    end_s = None if limit_s is None else time.monotonic() + limit_s
    sampled, unreadable = [], set()
    for file in files:
        if end_s is not None and time.monotonic() > end_s:
            break
        try:
            sampled.append(replace(file, digest=sample_digest(file.path)))
        except OSError:
            unreadable.add(file.path)  # not now; when the program starts again it is tried once more
    return sampled, unreadable
