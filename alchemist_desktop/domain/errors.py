"""The exception tree.

AlchemistError
├── KnownError                 the world's fault; its text is a sentence a person can act on
│   ├── NotFoundError          what was named does not exist
│   ├── ConflictError          the request does not fit the present state
│   ├── InvalidRequestError    the request itself is wrong
│   ├── ForbiddenError         not allowed for this caller, or at this place
│   ├── UnavailableError       something needed is not there now; a later try may work
│   └── BusyError              the same thing is being done already, and only one at a time can be
└── BugError                   ours; shown as "something went wrong" and logged with its traceback

Ordinary ends of a job are values (`domain.attempt.Outcome`), not exceptions.
"""


class AlchemistError(Exception):
    """Root of everything this program raises on purpose."""


class KnownError(AlchemistError):
    """The environment's fault, told in one sentence that a person can act on.

    `code` is stable and goes to HTTP clients; `path` names the file concerned, where there is one.
    """

    def __init__(self, message: str, *, code: str = "KNOWN_ERROR", path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.path = path


class NotFoundError(KnownError):
    """What was named does not exist."""


class ConflictError(KnownError):
    """The request does not fit the present state."""


class InvalidRequestError(KnownError):
    """The request itself is wrong, whatever the state."""


class ForbiddenError(KnownError):
    """Not allowed for this caller or at this place."""


class UnavailableError(KnownError):
    """Something needed is not there at the moment; a later try may succeed."""


class BusyError(KnownError):
    """The same thing is being done already, and only one at a time can be."""


class BugError(AlchemistError):
    """A state the program should never be in."""
