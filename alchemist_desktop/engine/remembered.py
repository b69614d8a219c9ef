"""What the engine remembers over a restart of the program: whether it was paused, and a chosen number of jobs."""

import json
from dataclasses import replace

from alchemist_desktop.engine.switches import Switches
from alchemist_desktop.storage.preferences import PreferenceRepository

_KEY = "engine_state"


class RememberedSwitches:
    """Stores the part of the switches that a person set."""

    def __init__(self, preferences: PreferenceRepository) -> None:
        self._preferences = preferences

    async def store(self, switches: Switches) -> None:
        # A drain that was under way ends in a pause.
        paused = switches.manual_paused or switches.draining
        await self._preferences.set(_KEY, json.dumps({"paused": paused, "jobs_override": switches.jobs_override}))

    async def restore(self, switches: Switches) -> Switches:
        text = await self._preferences.get(_KEY)
        if not text:
            return switches
        state = json.loads(text)
        return replace(switches, manual_paused=bool(state["paused"]), jobs_override=state["jobs_override"])
