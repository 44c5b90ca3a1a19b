"""Plan a whole household portfolio with crypto in it."""

__version__ = "0.1.0"
