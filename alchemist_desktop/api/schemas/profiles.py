"""Profiles on the wire."""

from dataclasses import replace
from typing import Any

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.schemas.bodies import NOT_BLANK, Body, told
from alchemist_desktop.api.schemas.encoding import JsonObject, rfc3339_or_none
from alchemist_desktop.domain.ids import ProfileId
from alchemist_desktop.domain.profile import AudioMode, HdrMode, OutputCodec, Profile, QualityProfile

_CHOICES = {"codec": OutputCodec, "quality_profile": QualityProfile, "hdr_mode": HdrMode, "audio_mode": AudioMode}
_CRF_RANGE = range(256)


class ProfileBody(Body):
    """A profile to make, or what becomes of one."""

    name: str = told(pattern=NOT_BLANK)
    preset: str = told(pattern=NOT_BLANK)
    codec: str = told(enum=list(OutputCodec))
    quality_profile: str = told(enum=list(QualityProfile))
    hdr_mode: str = told(enum=list(HdrMode))
    audio_mode: str = told(enum=list(AudioMode))
    crf_override: int | None = told(None, minimum=_CRF_RANGE.start, maximum=_CRF_RANGE.stop - 1)
    notes: str | None = None


def profile_of(body: ProfileBody, known: Profile | None = None) -> Profile:
    """The profile that `body` describes, with what clients do not know of taken from `known`.

    Raises ProblemError (INVALID_PROFILE).
    """
    if body.crf_override is not None and body.crf_override not in _CRF_RANGE:
        raise ProblemError(400, "INVALID_PROFILE", "crf_override lies between 0 and 255.")
    choices: dict[str, Any] = {name: _choice(body, name) for name in _CHOICES}
    choices |= {"name": _text(body, "name"), "preset": _text(body, "preset")}
    choices |= {"crf_override": body.crf_override, "notes": (body.notes or "").strip() or None}
    return Profile(id=ProfileId(0), **choices) if known is None else replace(known, **choices)


def preset_json(profile: Profile) -> JsonObject:
    return {
        "id": profile.id,
        "name": profile.name,
        "preset": profile.preset,
        "codec": profile.codec,
        "quality_profile": profile.quality_profile,
        "hdr_mode": profile.hdr_mode,
        "audio_mode": profile.audio_mode,
        "crf_override": profile.crf_override,
        "notes": profile.notes,
        "builtin": profile.builtin,
    }


def profile_json(profile: Profile) -> JsonObject:
    times = {"created_at": rfc3339_or_none(profile.created_at), "updated_at": rfc3339_or_none(profile.updated_at)}
    return {**preset_json(profile), **times}


def _text(body: ProfileBody, name: str) -> str:
    text = str(getattr(body, name)).strip()
    if not text:
        raise ProblemError(400, "INVALID_PROFILE", f"{name} must not be blank.")
    return text


def _choice(body: ProfileBody, name: str) -> str:
    text = _text(body, name).lower()
    try:
        return _CHOICES[name](text)
    except ValueError as error:
        words = ", ".join(_CHOICES[name])
        raise ProblemError(400, "INVALID_PROFILE", f"{name} must be one of {words}.") from error
