"""Calls every operation of the document with data made from its schemas, right and wrong, and holds each reply against it."""

import itertools
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import requests
import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import context as engine_context
from schemathesis.engine import events, from_schema
from schemathesis.engine.core import EventStream
from schemathesis.transport.serialization import Binary

from tests.fuzz.aim import Aim
from tests.fuzz.credentials import Credential
from tests.fuzz.peers import ManyAddresses
from tests.fuzz.record import EXCUSED, Record
from tests.fuzz.world import World

# A request that takes longer hangs. The slowest honest one, a self-test beside encodes on a busy machine, takes seconds.
HANGS_AFTER_S = 30
PREFIX = "/api/v1"
_REFILL_EVERY = 300
_FEWEST = 4
_CHECKS = (
    "status_code_conformance", "content_type_conformance", "response_schema_conformance", "response_headers_conformance",
    "negative_data_rejection", "positive_data_acceptance", "unsupported_method", "allow_header_conformance",
)  # fmt: skip

_ACCEPTED, _REJECTED = "Schema-violating request accepted", "Schema-valid request rejected"


@dataclass(slots=True)
class _Run:
    """One pass over the operations, with one credential."""

    world: World
    record: Record
    credential: Credential
    aim: Aim
    limit: int
    sent: int = 0
    replaced: set[str] = field(default_factory=set)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return self.sent >= self.limit

    def before(self, case: Case[Any]) -> None:
        if self.sent % _REFILL_EVERY == 0:
            self.headers = self.credential.headers()
            if self.credential.may_everything:
                self.world.refill()
        self.sent += 1
        operation = f"{case.operation.method.upper()} {case.operation.path.removeprefix(PREFIX)}"
        self._aim(case, operation)
        # Signing out ends the session that asks for it, so that request brings one of its own.
        own = self.credential.headers() if operation == "POST /auth/logout" else self.headers
        for name, value in own.items():
            case.headers[name] = value

    def _aim(self, case: Case[Any], operation: str) -> None:
        path = case.operation.path
        is_chained = case.meta is not None and case.meta.phase.name.value == "stateful"
        number = (case.path_parameters or {}).get("id")
        if isinstance(number, int) and not is_chained and self.aim.hits(0.7):
            case.path_parameters["id"] = self.aim.id_for(path) or number
        if number is not None and self.aim.is_own_token(path, case.path_parameters["id"]):
            case.path_parameters["id"] = 0
        is_wrong_on_purpose = case.meta is not None and case.meta.generation.mode.is_negative
        if case.media_type == "multipart/form-data":
            if isinstance(case.body, dict) and not is_wrong_on_purpose and self.aim.hits():
                case.body = {"file": Binary(self.aim.file(operation))}
                self.replaced.add(case.id)
        elif isinstance(case.body, dict | list):
            case.body = self.aim.kept_at_home(case.body if is_wrong_on_purpose else self.aim.body(operation, case.body))
        if operation == "GET /fs/browse" and case.query and self.aim.hits():
            case.query["path"] = self.aim.folder()

    def after(self, case: Case[Any], response: Response) -> None:
        operation = f"{case.operation.method.upper()} {case.operation.path}"
        self.record.note(operation, response.status_code, response.elapsed, _origin(case))
        self.record.check_headers(operation, {name.lower(): values[0] for name, values in response.headers.items()})
        if response.status_code >= 500:
            code = _code(response)
            if code in EXCUSED:
                self.record.excuse(code)
            else:
                self.record.find(f"{operation}: {response.status_code} {code}", _story(case, response))
        self._judge_reach(operation, case, response)

    def _judge_reach(self, operation: str, case: Case[Any], response: Response) -> None:
        """Whoever may not call an operation gets the same answer, whatever else is wrong with the request."""
        refusal = self.credential.refusal
        # What lies outside the prefix, the figures for the LAN, asks for no credential.
        if refusal is None or response.status_code == 429 or not case.operation.path.startswith(PREFIX):
            return
        may = self.credential.may(case.method.upper(), case.operation.path.removeprefix(PREFIX))
        is_refused = response.status_code == refusal[0] and _code(response) in {refusal[1], ""}
        if may is is_refused:
            self.record.find(
                f"{operation}: {'refused to' if may else 'reached by'} {self.credential.name}", _story(case, response)
            )


_current: list[_Run] = []


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    for run in _current:
        run.before(case)


@schemathesis.hook
def after_call(_context: HookContext, case: Case[Any], response: Response) -> None:
    for run in _current:
        run.after(case, response)


def fuzz_contract(world: World, record: Record, credential: Credential, *, count: int, seed: int, only: str = "") -> None:
    """Send `count` requests as the holder of `credential`, to operations with `only` in their name.

    A few random ones to each operation and chains of calls in which one uses what another has made; then every case that
    the schemas suggest; then random ones again until it is enough.
    """
    run = _Run(world, record, credential, Aim(world, seed), count)
    wanted = {name for name in world.operations if only in name}
    with _hooked(run), patch.object(engine_context, "make_session", _session):
        for turn in itertools.count():
            if run.is_over:
                return
            phases = ("coverage",) if turn == 1 else ("fuzzing", "stateful")
            examples = max(_FEWEST, (count - run.sent) // len(wanted) // (4 if turn == 0 else 1))
            schema = schemathesis.openapi.from_dict(world.document, config=_config(world.url, phases, examples, seed + turn))
            chosen = schema.include(func=lambda context: context.operation.label in wanted)
            _follow(from_schema(chosen).execute(), run)


@contextmanager
def _hooked(run: _Run) -> Iterator[None]:
    _current.append(run)
    try:
        yield
    finally:
        _current.remove(run)


_plain_session = engine_context.make_session


def _session(*args: Any, **options: Any) -> requests.Session:
    session = _plain_session(*args, **options)
    session.trust_env = False
    session.mount("http://", ManyAddresses())
    return session


def _config(url: str, phases: Iterable[str], examples: int, seed: int) -> SchemathesisConfig:
    wanted = set(phases)
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "cache": {"enabled": False},
            "base-url": url,
            "workers": 1,
            "continue-on-failure": True,
            "request-timeout": HANGS_AFTER_S,
            "max-stream-events": 1,
            "generation": {
                "max-examples": examples,
                "no-shrink": True,
                "database": "none",
                "with-security-parameters": False,
                "allow-x00": True,
            },
            "phases": {name: {"enabled": name in wanted} for name in ("examples", "coverage", "fuzzing", "stateful")},
            "checks": {
                "enabled": False,
                **{name: {"enabled": True} for name in _CHECKS},
                # What only the state of the program can refuse is told with 400; 422 says that the document is wrong.
                "positive_data_acceptance": {
                    "enabled": True,
                    "expected-statuses": ["2xx", "400", "401", "403", "404", "409", "429", "5xx"],
                },
            },
        }
    )


def _follow(stream: EventStream, run: _Run) -> None:
    for event in stream:
        if run.is_over:
            stream.stop()
        if isinstance(event, events.ScenarioFinished):
            _collect(event, run)
        elif isinstance(event, events.NonFatalError):
            what = "\n".join(
                [event.info.message, repr(event.value), *getattr(event.value, "__notes__", ()), event.info.code_sample or ""]
            )
            run.record.find(f"{event.label}: {event.info.title}", what)
        elif isinstance(event, events.FatalError):
            raise event.exception


def _collect(event: events.ScenarioFinished, run: _Run) -> None:
    for case_id, checks in event.recorder.checks.items():
        case = event.recorder.cases[case_id].value
        response = event.recorder.interactions[case_id].response
        for check in checks:
            if check.failure_info is None:
                continue
            failure = check.failure_info.failure
            # A file put in by `Aim` is no text, and counts as wrong data for that.
            is_ours = case_id in run.replaced and failure.title == _ACCEPTED
            # JSON has one kind of number; this program takes 1 where it wants a whole one, and 1.0 not, as the wire
            # contract has it. The schema language cannot tell the two apart.
            is_whole_float = failure.title == _REJECTED and _has_whole_float(case.body)
            if not is_ours and not is_whole_float:
                story = f"{failure.message}\n" + (_story(case, response) if response is not None else "no reply")
                run.record.find(f"{case.operation.label}: {failure.title}", story)


def _has_whole_float(body: object) -> bool:
    if isinstance(body, dict):
        return any(_has_whole_float(item) for item in body.values())
    if isinstance(body, list):
        return any(_has_whole_float(item) for item in body)
    return isinstance(body, float) and body.is_integer()


def _origin(case: Case[Any]) -> str:
    if case.meta is None:
        return "other"
    data = "wrong" if case.meta.generation.mode.is_negative else "right"
    return f"{case.meta.phase.name.value}, {data} data"


def _code(response: Response) -> str:
    """The code of a problem document; empty for any other reply."""
    try:
        return str(json.loads(response.content)["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def _story(case: Case[Any], response: Response) -> str:
    sent = f"{case.method} {case.formatted_path} query={case.query!r:.300} body={case.body!r:.600}"
    return f"{sent}\n{response.status_code} {response.content[:400]!r}"
