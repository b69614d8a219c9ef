"""One run with one credential: the contract, the scopes, the hostile bytes, and what they leave behind."""

import re
from dataclasses import dataclass

from tests.fuzz.contract import fuzz_contract
from tests.fuzz.credentials import SETUP, Credential, credential
from tests.fuzz.hostile import Hostile
from tests.fuzz.reach import walk
from tests.fuzz.record import Record
from tests.fuzz.wire import Wire
from tests.fuzz.world import World

_TRACE = re.compile(r"Traceback \(most recent call last\)|Incident [\w.-]+ at|never retrieved|Task was destroyed")
_AROUND = 3000


@dataclass(frozen=True, slots=True)
class Part:
    """The result of one part of a run."""

    name: str
    record: Record
    report: str


def run_scope(scope: str, *, requests: int, seed: int, only: str = "", share: float = 1.0) -> list[Part]:
    """All parts for one scope, against a program of their own; `share` says how much of the hostile bytes is sent.

    Credentials that may not everything must leave everything as it was.
    """
    with World(is_set_up=scope != SETUP) as world:
        caller = credential(scope, world)
        before = world.settled_state()
        by_contract, by_hand = Record(), Record()
        fuzz_contract(world, by_contract, caller, count=requests, seed=seed, only=only)
        if caller.may_everything:
            Hostile(world, by_hand, caller, seed=seed, only=only, share=share).send_all()
        else:
            walk(world, by_hand, caller, seed=seed, only=only, share=share)
            _check_state(world, by_hand, caller, before)
        _check_program(world, by_hand)
        second = "hostile bytes" if caller.may_everything else "ways around the scope"
        return [
            Part(f"{scope}: contract", by_contract, by_contract.report(world.operations)),
            Part(f"{scope}: {second}", by_hand, by_hand.report(world.operations)),
        ]


def _check_state(world: World, record: Record, caller: Credential, before: dict[str, object]) -> None:
    after = world.settled_state()
    for name in sorted(before.keys() - caller.writes_to):
        if before[name] != after[name]:
            record.find(f"{caller.name} changed {name}", f"before {before[name]!r:.500}\nafter  {after[name]!r:.500}")


def _check_program(world: World, record: Record) -> None:
    if not world.program.is_running:
        record.find("the program ended", world.program.output[-_AROUND:])
        return
    for path in (b"/api/v1/health", b"/api/v1/ready"):
        reply = Wire(world.url).request("GET", path, {})
        if reply.status != 200:
            record.find("the program does not answer any more", f"{path!r} {reply}")
    log = world.log_lines()
    for match in _TRACE.finditer(log):
        record.find("the log tells of a fault", log[match.start() : match.start() + _AROUND])
    ended = world.program.terminate()
    if ended != 0:
        record.find("the program did not end well", f"exit code {ended}\n{world.program.output[-_AROUND:]}")
