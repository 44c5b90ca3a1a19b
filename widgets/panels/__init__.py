"""The parts of the page: each is a view on the session and can stand alone."""
