"""Schedule windows on the wire."""

from pydantic import ValidationError

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.schemas.bodies import CLOCK_TIME, Body, one_line, told
from alchemist_desktop.api.schemas.encoding import JsonObject, encode
from alchemist_desktop.domain.schedule import ScheduleWindow
from alchemist_desktop.services.schedule import NumberedWindow


class WindowBody(Body):
    """A window to add; days count from 0 = Sunday."""

    start_time: str = told(pattern=CLOCK_TIME)
    end_time: str = told(pattern=CLOCK_TIME)
    days_of_week: list[int] = told(minItems=1, items={"type": "integer", "minimum": 0, "maximum": 6})
    enabled: bool


def window_of(body: WindowBody) -> ScheduleWindow:
    """Raises ProblemError (SCHEDULE_INVALID)."""
    days = tuple(sorted(set(body.days_of_week)))
    try:
        return ScheduleWindow.model_validate({**body.model_dump(), "days_of_week": days})
    except ValidationError as error:
        raise ProblemError(400, "SCHEDULE_INVALID", one_line(error)) from error


def window_json(numbered: NumberedWindow) -> JsonObject:
    """`days_of_week` is a text that holds JSON: clients know it so."""
    window = numbered.window
    return {
        "id": numbered.id,
        "start_time": window.start_time,
        "end_time": window.end_time,
        "days_of_week": encode(list(window.days_of_week)).decode(),
        "enabled": window.enabled,
    }
