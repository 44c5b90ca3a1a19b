"""The proposal: what is proposed to a client and why, with what may come of it."""

from planner.reports.proposal.document import proposal

__all__ = ["proposal"]
