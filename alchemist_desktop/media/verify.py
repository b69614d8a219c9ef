"""Proves that an output is whole: compares it with plan and source, decodes it to its end and counts its frames.

The rule for damage: the output has to decode without one complaint, and has as many frames as the source has packets, give or
take one. Only where that is not so, or where the encode met damage, the source is decoded as well. Then a copied stream may be
as damaged as it was before, and the frames must be those that the source decodes to, with at most one complaint per 200.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.plan import Plan, StreamAction, StreamKind, StreamPlan
from alchemist_desktop.domain.ports import ProcessRunner
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.media.decode import DecodeReport, read_to_end, reports_damage
from alchemist_desktop.media.parity import Mismatch, compare_inventory, pair_streams
from alchemist_desktop.media.picture_parity import compare_picture
from alchemist_desktop.media.timing import TOLERATED_DAMAGE, compare_durations, frame_mismatch, frames_agree

_MOST_SENTENCES = 3
_DECODE_SHARE = 70.0  # percent of the work that decoding the output is; the rest is reading the source


async def verify(
    runner: ProcessRunner,
    ffmpeg: str,
    *,
    plan: Plan,
    source: Probe,
    output: Probe,
    on_percent: Callable[[float], None],
    decode: bool = True,
    encode_words: str = "",
) -> Explanation | None:
    """None when `output` may take the place of `source`, otherwise why not, with the measured numbers.

    `source.last_packet_s` should be known. `encode_words` is what FFmpeg said while it encoded: where it met damage in the
    source, the number of frames is no proof, as decoders make up what they cannot read. Without `decode` frames are counted
    but not looked into. A cancelled call ends FFmpeg; when the caller stops the child instead, the result says nothing.
    """
    if source.is_truncated:
        return explain("source_truncated", expected_s=source.duration_s, actual_s=source.last_packet_s)
    mismatches = [
        *compare_inventory(plan, source, output),
        *compare_picture(plan, source, output),
        *compare_durations(plan, source, output),
    ]
    if mismatches:
        return _failure(mismatches)
    reading = _Reading(runner, ffmpeg, plan, source, output, on_percent)
    failure = await reading.check(decodes=decode, is_source_damaged=reports_damage(encode_words))
    if failure is None:
        on_percent(100.0)
    return failure


class _Reading:
    """The part of the verification that reads both files whole."""

    def __init__(
        self,
        runner: ProcessRunner,
        ffmpeg: str,
        plan: Plan,
        source: Probe,
        output: Probe,
        on_percent: Callable[[float], None],
    ) -> None:
        self._runner = runner
        self._ffmpeg = ffmpeg
        self._plan = plan
        self._source = source
        self._output = output
        self._on_percent = on_percent
        timed = [pair for pair in pair_streams(plan, output) if pair[0].kind in {StreamKind.VIDEO, StreamKind.AUDIO}]
        # The main picture first: its frames are those FFmpeg counts.
        self._pairs = sorted(timed, key=lambda pair: _rank(pair[0], source))

    async def check(self, *, decodes: bool, is_source_damaged: bool) -> Explanation | None:
        if not self._pairs:
            return None
        indexes = [found.index for _, found in self._pairs]
        report = await self._read(self._output, indexes, start=0.0, share=_DECODE_SHARE, decodes=decodes)
        if not report.is_clean:
            failure = await self._judge_complaints(report) if decodes else _undecodable(report)
            if failure is not None:
                return failure
        if self._pairs[0][0].kind is not StreamKind.VIDEO or not self._keeps_frames():
            return None
        if not is_source_damaged and await self._has_packet_for_each(report.frames):
            return None
        return await self._compare_with_decoded_source(report.frames)

    def _keeps_frames(self) -> bool:
        """AVI knows only a fixed rate, for which frames are doubled and dropped; there the duration has to do."""
        return self._plan.muxer != "avi" or self._plan.video is None

    async def _judge_complaints(self, report: DecodeReport) -> Explanation | None:
        """Complaints about encoded streams are final; copied ones may have been damaged in the source already."""
        copied = [(planned.index, found.index) for planned, found in self._pairs if planned.action is StreamAction.COPY]
        if not report.outcome.is_success or not copied:
            return _undecodable(report)
        encoded = [found.index for planned, found in self._pairs if planned.action is not StreamAction.COPY]
        if encoded:
            own = await self._read(self._output, encoded)
            if not own.is_clean:
                return _undecodable(own)
        after = await self._read(self._output, [found for _, found in copied])
        before = await self._read(self._source, [index for index, _ in copied])
        return None if after.complaint_count <= before.complaint_count else _undecodable(after)

    async def _has_packet_for_each(self, frames: int) -> bool:
        main = [self._pairs[0][0].index]
        packets = await self._read(self._source, main, start=_DECODE_SHARE, share=100 - _DECODE_SHARE, decodes=False)
        return frames_agree(frames, packets.frames)

    async def _compare_with_decoded_source(self, frames: int) -> Explanation | None:
        """Packets need not be frames: fields, hidden pictures and frames before the first keyframe are counted differently."""
        decoded = await self._read(self._source, [self._pairs[0][0].index])
        if not frames_agree(frames, decoded.frames):
            return _failure([frame_mismatch(frames, decoded.frames)])
        if decoded.complaint_count > decoded.frames * TOLERATED_DAMAGE:
            return explain(
                "corrupt_or_unreadable_media",
                error=f"Decoding the source met {decoded.complaint_count} errors: {decoded.words}",
                decode_errors=decoded.complaint_count,
                frames=decoded.frames,
            )
        return None

    async def _read(
        self, probe: Probe, indexes: list[int], *, start: float = 100.0, share: float = 0.0, decodes: bool = True
    ) -> DecodeReport:
        length_s = probe.duration_s or probe.last_packet_s

        def on_time_s(time_s: float) -> None:
            if length_s and share:
                self._on_percent(start + share * min(time_s / length_s, 1.0))

        return await read_to_end(self._runner, self._ffmpeg, probe.path, indexes, on_time_s=on_time_s, decodes=decodes)


def _rank(planned: StreamPlan, source: Probe) -> tuple[bool, bool, bool, int]:
    main = source.main_video
    is_main = main is not None and planned.index == main.index
    is_encoded = planned.action is StreamAction.ENCODE
    return (planned.kind is not StreamKind.VIDEO, not is_encoded, not is_main, planned.index)


def _undecodable(report: DecodeReport) -> Explanation:
    return explain(
        "verification_failed",
        error=f"The output cannot be decoded whole: {report.words}",
        decode_errors=report.complaint_count,
        frames=report.frames,
    )


def _failure(mismatches: Iterable[Mismatch]) -> Explanation:
    """All that was found, in the first few sentences, with the numbers of every one."""
    found = list(mismatches)
    measured = {key: value for mismatch in reversed(found) for key, value in mismatch.measured.items()}
    sentences = " ".join(mismatch.sentence for mismatch in found[:_MOST_SENTENCES])
    explanation = explain("verification_failed", error=sentences, mismatches=len(found))
    return replace(explanation, measured={**explanation.measured, **measured})
