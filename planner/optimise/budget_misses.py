"""How far risk budgets are missed, and because of which limit."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from planner.optimise.budget_steps import multipliers
from planner.optimise.mean_variance import LONG_ONLY, compiled_for, numbers
from planner.optimise.phrases import listed
from planner.optimise.problem import ONE
from planner.optimise.solvers import ClarabelSolver
from planner.wording import percent

if TYPE_CHECKING:
    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit, Vector
    from planner.optimise.program import Program
    from planner.optimise.risk_budget import Budgeted

SMALLEST_MISS = 1e-6
"""Of a risk share: less is what a solver for cones leaves."""

SMALLEST_PART = 0.1
"""A limit is named as the cause of a miss when it pushes the same way by at least this part of it."""

SMALLEST_SAID = 5e-3
"""Of the risk: nobody acts on less than half a percent."""

TIES = 3
"""From a row with a number to its variable, on to that variable's cone, and to what that holds."""


def pushes(found: Budgeted) -> pd.DataFrame:
    """One row for each part of a limit that pushes, one column for each asset; none where a limit is not convex."""
    assets = found.assumptions.assets
    convex = all(limit.convex for limit in found.limits)
    parts = [part for limit in found.limits if convex for part in limit.parts(assets) if not part.forbids_shorts_only()]
    rows = _pushed(found, tuple(parts))
    table = pd.DataFrame(rows, [part.sentence() for part in parts], found.assumptions.mean.index)
    return pd.DataFrame(table[np.abs(rows).max(axis=1, initial=0.0) > SMALLEST_MISS])


def _pushed(found: Budgeted, parts: tuple[Limit, ...]) -> Any:
    """Rows of ``-y_i l_r (A_ri + A_rs - c_r)``, A_rs being the entry of the scale, summed over the rows r of a part."""
    limits, shares = (LONG_ONLY, *parts), found.budgets
    exact = multipliers(found.assumptions, shares, limits, found.w) if parts else None
    if exact is not None:
        (program, point, z), y = exact, found.w
    elif parts:
        problem = compiled_for(found.assumptions, found.objective, limits)
        program, point = problem.program, np.concatenate([*numbers(found.assumptions, found.objective, limits), ONE])
        solver = ClarabelSolver(program, program.hessian(found.objective.quadratic(found.assumptions)))
        outcome = solver.solve(point)
        z, y = solver.canonical(outcome), outcome.x[program.outputs[0]]
    else:
        return np.zeros((0, len(found.w)))
    matrix = program.matrix.copy()
    matrix.data[program.moving] = program.entry_map[program.moving] @ point
    rows = matrix.tocsr()
    weights, scale = program.outputs
    towards = rows[:, weights].toarray() + rows[:, scale].toarray() - (program.bound_map @ point)[:, None]
    pushed = -y * z[:, None] * towards
    return np.array([pushed[owned].sum(axis=0) for owned in _owned(program, found.assumptions, limits)[1:]])


def _owned(program: Program, assumptions: Assumptions, limits: tuple[Limit, ...]) -> list[Any]:
    """The canonical rows of each limit: those with its numbers, and what its own variables and cones tie to them."""
    sizes = [len(limit.values(assumptions)) for limit in limits]
    ends = program.bound_map.shape[1] - 1 - sum(sizes) + np.cumsum(sizes)
    own = np.ones(program.variables, dtype=bool)
    for place in program.outputs:
        own[place] = False
    ties = np.zeros((program.height, program.variables), dtype=bool)
    ties[program.matrix.indices, np.repeat(np.arange(program.variables), np.diff(program.matrix.indptr))] = True
    ties = ties[:, own]
    cones = np.arange(program.height)
    cones[program.cones.zero + program.cones.nonneg :][: sum(program.cones.soc)] = np.repeat(
        program.height + np.arange(len(program.cones.soc)), program.cones.soc
    )
    owned = []
    for end, size in zip(ends.tolist(), sizes, strict=True):
        numbered = slice(end - size, end)
        rows = np.diff(program.bound_map[:, numbered].tocsr().indptr) > 0
        rows[program.matrix.indices[np.diff(program.entry_map[:, numbered].tocsr().indptr) > 0]] = True
        for _ in range(TIES):
            rows = rows | ties[:, ties[rows].any(axis=0)].any(axis=1)
            rows = np.isin(cones, cones[rows])
        owned.append(rows)
    return owned


def misses(found: Budgeted) -> pd.DataFrame:
    """One row for each budget."""
    names = found.assumptions.mean.index
    table = pd.DataFrame({"budget": found.budgets, "reached": found.risk_contributions}, index=names)
    pushed = found.pushes.T
    if found.groups:
        group_of = {asset: group.name for group in found.groups for asset in group.members}
        labels = [group_of.get(asset, asset) for asset in names]
        table, pushed = (frame.groupby(labels, sort=False).sum() for frame in (table, pushed))
    table["miss"] = table["reached"] - table["budget"]
    table["because"] = [_because(*row) for row in zip(table["miss"], pushed.to_numpy(), repeat(list(pushed.columns)))]
    return table


def _because(miss: float, pushed: Vector, limits: list[str]) -> str:
    if abs(miss) < SMALLEST_MISS:
        return ""
    order = np.argsort(-pushed / miss, kind="stable")
    return listed([f"“{limits[place]}”" for place in order if pushed[place] / miss >= SMALLEST_PART] or [""])


def sentences(misses: pd.DataFrame) -> tuple[str, ...]:
    """One for each budget that is missed by a tenth of a percent, furthest first."""
    far = misses.loc[misses["miss"].abs() >= SMALLEST_SAID].sort_values("miss", key=abs, ascending=False)
    return tuple(
        f"{name} carries {percent(row['reached'])} of the risk instead of {percent(row['budget'])}"
        + (f", because of {row['because']}" if row["because"] else "")
        for name, row in far.iterrows()
    )
