"""How to get there: which asset in which account, when to act, and which lots to sell."""
