"""Who calls: with which credential, and what the program must answer where that does not suffice."""

from dataclasses import dataclass

from alchemist_desktop.domain.access import AccessLevel
from tests.fuzz.world import World
from tests.support.grants import MAY, PUBLIC

Refusal = tuple[int, str]

SETUP = "setup"
SCOPES = ("full_access", "session", "read_only", "jellyfin", "arr_webhook", "none", "garbage", SETUP)
_UNAUTHORISED: Refusal = (401, "AUTH_REQUIRED")
_FORBIDDEN: Refusal = (403, "API_TOKEN_FORBIDDEN")


@dataclass(frozen=True, slots=True)
class Credential:
    """One way to call. `refusal` is the status and code of what it may not call; None for one that may everything."""

    name: str
    world: World
    refusal: Refusal | None
    level: AccessLevel | None = None

    @property
    def may_everything(self) -> bool:
        return self.refusal is None

    @property
    def writes_to(self) -> frozenset[str]:
        """The tables that its few permitted calls change: advice keeps what it has read of files, and new jobs are looked at."""
        if self.level is AccessLevel.READ_ONLY:
            return frozenset({"content_samples"})
        if self.level in {AccessLevel.JELLYFIN, AccessLevel.ARR_WEBHOOK}:
            return frozenset({"jobs", "decisions", "failures", "probes", "tracks", "outbox"})
        return frozenset()

    def may(self, method: str, path: str) -> bool:
        """Whether it may call the path below the prefix, as the document has it."""
        call = ("GET" if method == "HEAD" else method, path)
        # A public path needs no credential whatever the method: the wrong ones are told that they are wrong.
        if self.may_everything or path in {known for _, known in PUBLIC}:
            return True
        return self.level is not None and call in MAY.get(self.level, frozenset())

    def headers(self) -> dict[str, str]:
        if self.name in {"none", SETUP}:
            return {}
        if self.name == "session":
            return {"Cookie": f"alchemist_session={self.world.session()}"}
        token = self.world.tokens[self.level] if self.level else self.world.garbage()
        return {"Authorization": f"Bearer {token}"}


def credential(name: str, world: World) -> Credential:
    """The one that a scope is called by."""
    if name == SETUP:  # nobody has an account yet, and what is served then asks for no credential
        return Credential(name, world, None)
    if name in {"full_access", "session"}:
        return Credential(name, world, None, AccessLevel.FULL_ACCESS)
    if name in {"none", "garbage"}:
        return Credential(name, world, _UNAUTHORISED)
    return Credential(name, world, _FORBIDDEN, AccessLevel(name))
