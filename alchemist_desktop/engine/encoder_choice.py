"""Which encoders a job may use now: the proved ones of the selected devices, the least busy device first.

Encoders that keep failing in real jobs are set aside until a new detection proves them again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from alchemist_desktop.domain.capability import Backend, Capabilities, Encoder, SetAside
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.hardware import HardwareMatrix, Selection, Wish, same_encoder, select, usable
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.settings import Settings

FAILURES_BEFORE_ASIDE = 3
_NO_ROOM = frozenset({"nvenc_resource_exhausted", "videotoolbox_session_failure"})

_DeviceKey = tuple[str | None, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trouble:
    """An encoder's failures since it last did well."""

    count: int
    last: Explanation


class EncoderDesk:
    """Knows the matrix, the wish of the settings, which job works on which device, and what went wrong.

    Per job: `offer` before planning, `occupy` with what was planned, `fail` or `succeed` at the end of an encode, `leave`.
    Loop thread only.
    """

    def __init__(self, base: Capabilities, wish: Callable[[], Wish]) -> None:
        self._base = base
        self._wish = wish
        self._matrix: HardwareMatrix | None = None
        self._busy: dict[JobId, Encoder | _DeviceKey] = {}
        self._avoided: dict[JobId, dict[Encoder, str]] = {}
        self._trouble: dict[tuple[str, str | None, int], _Trouble] = {}
        self._limits: dict[_DeviceKey, int] = {}

    @property
    def matrix(self) -> HardwareMatrix | None:
        """None before the first detection."""
        return self._matrix

    @property
    def selection(self) -> Selection | None:
        return None if self._matrix is None else select(self._matrix, self._wish())

    def adopt(self, matrix: HardwareMatrix) -> None:
        """A new detection counts from now on; old troubles are forgotten, as everything was proved anew."""
        self._matrix = matrix
        self._trouble.clear()
        self._limits.clear()
        self._avoided.clear()

    def capabilities(self) -> Capabilities:
        """What may be used, whatever runs: for previews."""
        selection = self.selection
        if self._matrix is None or selection is None:
            return self._base
        everything = usable(self._matrix, selection, self._base)
        return replace(everything, set_aside=self._set_aside(everything.encoders))

    def set_aside(self) -> tuple[SetAside, ...]:
        """The proved encoders that failed too often."""
        return self.capabilities().set_aside

    def offer(self, job_id: JobId) -> Capabilities:
        """What this job may use: the least busy device first, without what it has tried in vain or what has no room."""
        everything = self.capabilities()
        busy = Counter(_device_key(place) for place in self._busy.values())
        encoders = sorted(everything.encoders, key=lambda e: (e.backend is Backend.CPU, busy[_device_key(e)]))  # stable
        aside = {each.encoder: each.reason for each in everything.set_aside}
        for encoder in encoders:
            limit = self._limits.get(_device_key(encoder))
            if encoder.backend is not Backend.CPU and limit is not None and busy[_device_key(encoder)] >= limit:
                aside[encoder] = f"The card takes no more than {limit} encodes at once."
        avoided = {same_encoder(encoder): reason for encoder, reason in self._avoided.get(job_id, {}).items()}
        aside |= {encoder: avoided[same_encoder(encoder)] for encoder in encoders if same_encoder(encoder) in avoided}
        first = next((encoder for encoder in encoders if encoder not in aside), None)
        if first is not None and first.backend is not Backend.CPU:
            self._busy[job_id] = _device_key(first)
        notes = tuple(SetAside(encoder=encoder, reason=reason) for encoder, reason in aside.items())
        return replace(everything, encoders=tuple(encoders), set_aside=notes)

    def occupy(self, job_id: JobId, encoder: Encoder | None) -> None:
        """The job was planned for `encoder`; None for one that encodes no picture."""
        if encoder is None or encoder.backend is Backend.CPU:
            self._busy.pop(job_id, None)
        else:
            self._busy[job_id] = encoder

    def used(self, job_id: JobId) -> Encoder | None:
        """The hardware encoder a running job was planned for."""
        place = self._busy.get(job_id)
        return place if isinstance(place, Encoder) else None

    def leave(self, job_id: JobId) -> None:
        """The job runs no more."""
        self._busy.pop(job_id, None)

    def forget(self, job_id: JobId) -> None:
        """The job has ended for good: what it tried in vain no longer matters."""
        self._avoided.pop(job_id, None)

    def succeed(self, encoder: Encoder) -> None:
        self._trouble.pop(same_encoder(encoder), None)

    def fail(self, job_id: JobId, encoder: Encoder, failure: Explanation) -> bool:
        """Note a failure of the device in a job, which is to try elsewhere; True when the encoder is set aside by it."""
        self._avoided.setdefault(job_id, {})[encoder] = f"{failure.summary} {failure.detail}".strip()
        if failure.code in _NO_ROOM:
            key = _device_key(encoder)
            others = sum(_device_key(place) == key for job, place in self._busy.items() if job != job_id)
            self._limits[key] = max(others, 1)
            return False
        old = self._trouble.get(same_encoder(encoder))
        self._trouble[same_encoder(encoder)] = _Trouble(count=(old.count if old else 0) + 1, last=failure)
        return self._trouble[same_encoder(encoder)].count == FAILURES_BEFORE_ASIDE

    def _set_aside(self, encoders: tuple[Encoder, ...]) -> tuple[SetAside, ...]:
        found = ((encoder, self._trouble.get(same_encoder(encoder))) for encoder in encoders)
        return tuple(
            SetAside(encoder=encoder, reason=f"It failed {trouble.count} times in a row, at last so: {trouble.last.detail}")
            for encoder, trouble in found
            if trouble is not None and trouble.count >= FAILURES_BEFORE_ASIDE
        )


def _device_key(place: Encoder | _DeviceKey) -> _DeviceKey:
    return (place.device_path, place.device_index) if isinstance(place, Encoder) else place


def wish_of(settings: Settings) -> Wish:
    """What the settings say of the device; blank members mean that the program chooses."""
    hardware = settings.hardware
    return Wish(
        vendor=(hardware.preferred_vendor or "").strip().lower() or None, device=(hardware.device_path or "").strip() or None
    )
