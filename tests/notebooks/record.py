"""Run the project's notebooks and record what they print: ``planner notebooks --record notebooks``."""

from planner.notebooks import record

__all__ = ["record"]
