"""What a plan was made with, in a form that a scenario and a printed page carry."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from planner.validation import Document, Frozen, FrozenDict, Hash

SHORT_LETTERS = 12  # 48 bits: two of a million plans share them with a probability of about 1 in 560; ours


class Fingerprint(Document):
    """Hashes (SHA-256 in hex) of what a plan was made with.

    ``returns`` and ``assumptions`` (empty where there are none) hash the numbers, ``files`` are the built-in files
    that all of the returns come from, by name, with their hashes; empty for data of one's own. ``full`` covers it all.
    """

    returns: Hash = Field(title="Hash of the returns")
    assumptions: Hash | Annotated[str, Field(max_length=0)] = Field("", title="Hash of the assumptions")
    files: Annotated[dict[str, Hash], Frozen] = Field(default_factory=FrozenDict, title="Built-in files")
    version: str = Field(max_length=100, title="Version of the planner")
    full: Hash = Field(title="Hash of it all")

    @property
    def short(self) -> str:
        """The first twelve letters of the full one, for a printed page."""
        return self.full[:SHORT_LETTERS]

    @property
    def sentence(self) -> str:
        """The fingerprint as a line under a plan."""
        data = ", ".join(f"{name} {digest[:SHORT_LETTERS]}" for name, digest in self.files.items())
        return f"Fingerprint {self.short}: data {data or self.returns[:SHORT_LETTERS]}, version {self.version}."

    def against(self, earlier: Fingerprint | None) -> str:
        """What is no longer as it was when a plan was made earlier, in a sentence; empty where nothing changed."""
        if earlier is None or earlier.full == self.full:
            return ""
        changed = []
        if earlier.returns != self.returns:
            changed.append("the market data")
        if earlier.assumptions != self.assumptions:
            changed.append("the market's assumptions")
        if earlier.version != self.version:
            changed.append(f"the planner's version ({earlier.version} then, {self.version} now)")
        return f"Changed since this scenario was saved: {', '.join(changed)}. Numbers may differ from then."
