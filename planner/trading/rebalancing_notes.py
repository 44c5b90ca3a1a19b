"""A rebalancing in sentences: what was done in which order, what was left, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.trading.rebalance import Rebalancing
    from planner.trading.task import Task


def notes(task: Task, result: Rebalancing) -> tuple[str, ...]:
    """What was done and left undone, and why."""
    if task.idle:
        return task.decision.reasons
    return (f"{len(result.orders)} orders.",)
