"""One tree of errors, by what the reader can do about them: fix the input, relax a limit, report a bug."""

from __future__ import annotations


class PlannerError(Exception):
    """Base of every error the planner raises on purpose; its text is meant for people."""


class InputError(PlannerError, ValueError):
    """The input is wrong: the text says what, where, and what to do about it."""


class InfeasibleError(PlannerError):
    """A portfolio was demanded of a problem whose limits contradict each other."""


class SolverError(PlannerError):
    """No solver could finish a well-posed problem: worth a bug report."""
