"""Notebooks that are run anew and held against what they hold, number by number."""

from planner.notebooks.checking import Verdict, check_notebook, found_notebooks
from planner.notebooks.differences import Difference, differences
from planner.notebooks.recording import record

__all__ = ["Difference", "Verdict", "check_notebook", "differences", "found_notebooks", "record"]
