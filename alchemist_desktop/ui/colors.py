"""The colours of the window in its two schemes, named by their purpose."""

from dataclasses import dataclass
from enum import StrEnum

from alchemist_desktop.domain.job import JobState


class Tone(StrEnum):
    """What a colour says about the thing it marks."""

    NEUTRAL = "neutral"
    INFO = "info"
    ACCENT = "accent"
    SUCCESS = "success"
    WARNING = "warning"
    DANGER = "danger"


STATE_TONES: dict[JobState, Tone] = {
    JobState.QUEUED: Tone.INFO,
    JobState.ANALYZING: Tone.ACCENT,
    JobState.ENCODING: Tone.ACCENT,
    JobState.REMUXING: Tone.ACCENT,
    JobState.RESUMING: Tone.ACCENT,
    JobState.COMPLETED: Tone.SUCCESS,
    JobState.SKIPPED: Tone.NEUTRAL,
    JobState.FAILED: Tone.DANGER,
    JobState.CANCELLED: Tone.WARNING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Colors:
    """One scheme; every value is `#rrggbb`. `surface` lies under lists and text, `window` around them."""

    is_dark: bool
    window: str
    sidebar: str
    surface: str
    raised: str
    hover: str
    border: str
    text: str
    muted: str
    selection: str
    accent: str
    on_accent: str
    tones: dict[Tone, str]

    def tone(self, tone: Tone) -> str:
        return self.tones[tone]

    def tint(self, tone: Tone) -> str:
        """A faint background that text in the same tone stands on."""
        return mix(self.tones[tone], self.surface, 0.16 if self.is_dark else 0.10)

    @property
    def track(self) -> str:
        """The empty part of a bar."""
        return mix(self.text, self.surface, 0.14 if self.is_dark else 0.10)


LIGHT = Colors(
    is_dark=False,
    window="#f4f5f8",
    sidebar="#eaecf1",
    surface="#ffffff",
    raised="#ffffff",
    hover="#f3f4f8",
    border="#d9dde4",
    text="#1b1f26",
    muted="#5b6470",
    selection="#e1e5fb",
    accent="#4553cf",
    on_accent="#ffffff",
    tones={
        Tone.NEUTRAL: "#56606d",
        Tone.INFO: "#1b63a8",
        Tone.ACCENT: "#4553cf",
        Tone.SUCCESS: "#19713f",
        Tone.WARNING: "#855400",
        Tone.DANGER: "#b8262f",
    },
)

DARK = Colors(
    is_dark=True,
    window="#1a1c21",
    sidebar="#15171b",
    surface="#202329",
    raised="#2a2e36",
    hover="#262a31",
    border="#353a43",
    text="#e7e9ee",
    muted="#a0a8b4",
    selection="#2f3657",
    accent="#98a3ff",
    on_accent="#14161c",
    tones={
        Tone.NEUTRAL: "#aab2be",
        Tone.INFO: "#74b9f3",
        Tone.ACCENT: "#9ca7ff",
        Tone.SUCCESS: "#63cf98",
        Tone.WARNING: "#e6b65c",
        Tone.DANGER: "#ff8a8f",
    },
)


def mix(over: str, under: str, share: float) -> str:
    """`share` of `over` laid on `under`; both and the result are `#rrggbb`."""
    pairs = zip(_channels(over), _channels(under), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    shares = (value / 255 for value in _channels(color))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
