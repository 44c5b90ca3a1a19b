"""What a proposal is written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.comparing import Comparison
    from planner.planning import Plan
    from planner.policy.statement.basis import Basis


@dataclass(frozen=True, eq=False)
class Material:
    """A plan as the policy statement reads it (``basis``), and the same plan beside the 60/40 and today's holdings."""

    basis: Basis
    compared: Comparison

    @property
    def plan(self) -> Plan:
        """What is proposed."""
        return self.basis.plan

    @property
    def name(self) -> str:
        """The column of the proposed plan."""
        return self.compared.columns[0]
