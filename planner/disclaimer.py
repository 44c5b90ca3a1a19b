"""What every page of the app and every printed page says (domain.md section 12)."""

from __future__ import annotations

from typing import Final

DISCLAIMER: Final = (
    "This tool is for education; it is not financial, tax or legal advice. Past returns promise nothing, every "
    "figure here rests on assumptions that can be wrong, and crypto can fall to zero."
)
