"""The log of the page: the server's own, never the page itself."""

from __future__ import annotations

import logging
import sys

log = logging.getLogger("widgets")

if sys.stderr is not sys.__stderr__ and sys.__stderr__ is not None:
    # A kernel sends sys.stderr to the page; its real stderr is the server's.
    _server = logging.StreamHandler(sys.__stderr__)
    _server.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s: %(message)s"))
    log.addHandler(_server)
