"""Decides what is done with a file, from facts and rules alone."""

from alchemist_desktop.domain.planner.decide import make_plan
from alchemist_desktop.domain.planner.estimate import check_reduction

__all__ = ["check_reduction", "make_plan"]
