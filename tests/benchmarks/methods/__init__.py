"""One module a method; each gives ``method(aim)``: a function from a problem to its weights."""
