"""The plan of a job that converts a file somebody handed in."""

from alchemist_desktop.domain.conversion import DEFAULT_CONVERSION
from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.job import Job
from alchemist_desktop.domain.plan import Action, Plan
from alchemist_desktop.domain.planner.conversion import plan_conversion
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.rules import encoding_rules
from alchemist_desktop.engine.parts import Parts


async def plan_handed_in(parts: Parts, job: Job, probe: Probe) -> Plan:
    """By the choices last previewed; a skip with its reason where they turn out to be impossible."""
    conversion = await parts.stores.conversions.for_job(job.id)
    settings = (conversion.settings if conversion else None) or DEFAULT_CONVERSION
    try:
        return plan_conversion(probe, settings, encoding_rules(parts.settings(), None), parts.capabilities())
    except InvalidRequestError as error:
        return Plan(action=Action.SKIP, explanation=explain("no_suitable_encoder", error.message))
