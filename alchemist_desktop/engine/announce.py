"""Tells about many jobs at once: one by one, or, when there are too many for that, as one "read the list again"."""

from collections.abc import Sequence

from alchemist_desktop.domain.events import JobAdded, JobChanged, JobListChanged
from alchemist_desktop.domain.job import Job
from alchemist_desktop.engine.bus import EventBus

MOST_ONE_BY_ONE = 200


def announce(bus: EventBus, *, added: Sequence[Job] = (), changed: Sequence[Job] = (), state_changed: bool = True) -> None:
    """To be called after the jobs are stored."""
    if len(added) + len(changed) > MOST_ONE_BY_ONE:
        bus.publish(JobListChanged())
        return
    for job in added:
        bus.publish(JobAdded(job=job))
    for job in changed:
        bus.publish(JobChanged(job=job, state_changed=state_changed))
