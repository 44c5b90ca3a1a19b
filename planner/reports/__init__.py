"""Papers for a client: what they consist of, and how they become HTML, PDF and spreadsheets."""
