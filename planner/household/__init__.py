"""Who the plan is for: the household's figures, answers, capacity and tolerance."""
