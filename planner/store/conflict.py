"""What can go wrong with a store, beside wrong input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.errors import InputError, PlannerError

if TYPE_CHECKING:
    from planner.store.records import Saved


class StoreError(PlannerError):
    """The database cannot do what it was asked: the text says which one and why, and holds nothing of a client."""


class Conflict(InputError):  # noqa: N818 - what it is called at any desk
    """Another desk wrote first; nothing was overwritten.

    ``stored`` is what stands in the store now: the scenario, the adviser's text, or None where the journal went on.
    """

    def __init__(self, sentence: str, stored: Saved | str | None = None) -> None:
        super().__init__(sentence)
        self.stored = stored
