"""The Investment Policy Statement: what was agreed, in words, from a scenario."""

from planner.policy.statement.basis import Parties
from planner.policy.statement.document import Statement, journalled, statement
from planner.policy.statement.own_text import own_text_of
from planner.policy.statement.sections import KEYS

__all__ = ["KEYS", "Parties", "Statement", "journalled", "own_text_of", "statement"]
