"""Scenarios as older versions of the planner wrote them, brought to the present form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCHEMA_VERSION: Final = 2


def _from_1(document: dict[str, Any]) -> dict[str, Any]:
    """Version 2 added ``assumptions`` and ``made_with``, which version 1 could not have."""
    return document


STEPS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}
"""By the version they start from, what makes a document one of the next."""


def brought_up_to_date(document: dict[str, Any]) -> dict[str, Any]:
    """A document in the present version, from one of any older; one that names no version is taken for a present one.

    A newer version is an InputError; one that never was is left to the validation of the field.
    """
    version = document.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return document
    if version > SCHEMA_VERSION:
        raise InputError(
            f"This scenario is of version {version}, and this planner knows versions up to {SCHEMA_VERSION}: it was "
            "saved by a newer planner, so open it with that."
        )
    for step in range(version, SCHEMA_VERSION):
        document = STEPS[step](document)
    return document | {"schema_version": SCHEMA_VERSION}
