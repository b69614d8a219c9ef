"""Probes, plans and replacements as JSON text and back; every string survives, undecodable file names included."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from alchemist_desktop.domain.attempt import EncodeStats
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.plan import Plan
from alchemist_desktop.domain.probe import (
    AttachmentStream,
    AudioStream,
    DataStream,
    Probe,
    Stream,
    SubtitleStream,
    VideoStream,
)
from alchemist_desktop.domain.profile import StreamRules
from alchemist_desktop.domain.replacement import Replacement

_PROBE = TypeAdapter(Probe)
_PLAN = TypeAdapter(Plan)
_REPLACEMENT = TypeAdapter(Replacement)
_RULES = TypeAdapter(StreamRules)
_STATS = TypeAdapter(EncodeStats)
_STAMP = TypeAdapter(FileStamp)
# The members of a stream do not tell what it is, so each is stored with its kind.
_STREAMS: dict[str, TypeAdapter[Any]] = {
    "video": TypeAdapter(VideoStream),
    "audio": TypeAdapter(AudioStream),
    "subtitle": TypeAdapter(SubtitleStream),
    "attachment": TypeAdapter(AttachmentStream),
    "data": TypeAdapter(DataStream),
}
_KINDS: dict[type[Stream], str] = {
    VideoStream: "video",
    AudioStream: "audio",
    SubtitleStream: "subtitle",
    AttachmentStream: "attachment",
    DataStream: "data",
}


def _dump(adapter: TypeAdapter[Any], value: object) -> Any:
    # Read-only mappings are unknown to pydantic, both their type and how to take them apart.
    return adapter.dump_python(value, mode="json", fallback=_to_dict, warnings=False)


def _to_dict(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


def probe_to_json(probe: Probe) -> str:
    data = _dump(_PROBE, probe)
    data["streams"] = [[kind, _dump(_STREAMS[kind], stream)] for stream in probe.streams for kind in [_KINDS[type(stream)]]]
    return json.dumps(data)


def probe_from_json(text: str) -> Probe:
    data = json.loads(text)
    data["streams"] = tuple(_STREAMS[kind].validate_python(stream) for kind, stream in data["streams"])
    return _PROBE.validate_python(data)


def plan_to_json(plan: Plan) -> str:
    return json.dumps(_dump(_PLAN, plan))


def plan_from_json(text: str) -> Plan:
    return _PLAN.validate_python(json.loads(text))


def journal_to_json(replacement: Replacement, stats: EncodeStats) -> str:
    return json.dumps([_dump(_REPLACEMENT, replacement), _dump(_STATS, stats)])


def journal_from_json(text: str) -> tuple[Replacement, EncodeStats]:
    replacement, stats = json.loads(text)
    return _REPLACEMENT.validate_python(replacement), _STATS.validate_python(stats)


def stamp_to_json(stamp: FileStamp) -> str:
    return json.dumps(_dump(_STAMP, stamp))


def stamp_from_json(text: str) -> FileStamp:
    return _STAMP.validate_python(json.loads(text))


def rules_to_json(rules: StreamRules) -> str:
    return json.dumps(_dump(_RULES, rules))


def rules_from_json(text: str) -> StreamRules:
    return _RULES.validate_python(json.loads(text))
