"""What was sent, what came back, and what is wrong with it."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Statuses from 500 on that come from the state of the world and not from the request, with the state they come from.
EXCUSED: Mapping[str, str] = {
    "NOTIFICATION_TEST_FAILED": "nobody listens where the message was to go",
}
_SAME_ON_EVERY_REPLY: Mapping[str, str] = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}
_ON_EVERY_REPLY = ("x-request-id", "content-security-policy", "permissions-policy", "x-xss-protection")
_MOST_OF_A_KIND = 3
_FEW = 15


@dataclass(slots=True)
class Record:
    """The tally of a run, and its findings: the first few of each kind in full, the rest counted. Safe for threads."""

    by_status: Counter[int] = field(default_factory=Counter)
    by_operation: Counter[str] = field(default_factory=Counter)
    by_kind: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    slowest_s: dict[str, float] = field(default_factory=dict)
    findings: dict[str, list[str]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def requests(self) -> int:
        return self.by_status.total()

    def note(self, operation: str, status: int, elapsed_s: float, kind: str = "") -> None:
        """One request of an operation, which is a method and a path as the document has it; `kind` is where it comes from."""
        with self._lock:
            self.by_status[status] += 1
            self.by_operation[operation] += 1
            self.by_kind[kind] += 1
            if 200 <= status < 300:
                self.accepted[operation] += 1
            self.slowest_s[operation] = max(elapsed_s, self.slowest_s.get(operation, 0.0))

    def find(self, kind: str, what: str) -> None:
        """Something is wrong; findings of the same kind are one fault."""
        with self._lock:
            self.kinds[kind] += 1
            shown = self.findings.setdefault(kind, [])
            if len(shown) < _MOST_OF_A_KIND:
                shown.append(what)

    def excuse(self, code: str) -> None:
        with self._lock:
            self.excused[code] += 1

    def check_headers(self, operation: str, headers: Mapping[str, str]) -> None:
        """The headers that every reply must have; their names in lower case."""
        lacking = [name for name in _ON_EVERY_REPLY if not headers.get(name)]
        lacking += [name for name, value in _SAME_ON_EVERY_REPLY.items() if headers.get(name) != value]
        if lacking:
            self.find(f"{operation}: headers missing", ", ".join(lacking))

    def report(self, operations: Iterable[str]) -> str:
        """The tally in words. `operations` are those of the document."""
        wanted = set(operations)
        classes: Counter[str] = Counter()
        for status, count in self.by_status.items():
            classes[f"{status // 100}xx"] += count
        missed = sorted(wanted - self.by_operation.keys())
        vain = sorted(wanted & self.by_operation.keys() - self.accepted.keys())
        slowest = sorted(self.slowest_s.items(), key=lambda item: -item[1])[:3]
        kinds = ", ".join(f"{kind}: {count}" for kind, count in sorted(self.by_kind.items()) if kind)
        lines = [
            f"  {self.requests} requests: " + ", ".join(f"{count} {name}" for name, count in sorted(classes.items())),
            "  by status: " + ", ".join(f"{status}: {count}" for status, count in sorted(self.by_status.items())),
            *([f"  by origin: {kinds}"] if kinds else []),
            f"  {len(wanted & self.by_operation.keys())} of {len(wanted)} operations called,"
            f" {len(wanted & self.accepted.keys())} of them with success at least once",
            *([f"  never called: {', '.join(missed)}"] if missed else []),
            *([f"  never with success: {', '.join(vain)}"] if 0 < len(vain) <= _FEW else []),
            "  slowest: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in slowest),
            *(f"  excused {count} x {code}: {EXCUSED[code]}" for code, count in sorted(self.excused.items())),
            f"  {len(self.findings)} kinds of findings",
        ]
        for kind, shown in sorted(self.findings.items()):
            lines.append(f"  - {kind} ({self.kinds[kind]} x)")
            lines += ["      " + line for text in shown for line in text.splitlines()]
        return "\n".join(lines)
