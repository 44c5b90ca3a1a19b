"""The log of the page: the server's own, never the page itself."""

from __future__ import annotations

import logging
import sys
import traceback
import zlib

log = logging.getLogger("widgets")

if sys.stderr is not sys.__stderr__ and sys.__stderr__ is not None:
    # A kernel sends sys.stderr to the page; its real stderr is the server's.
    _server = logging.StreamHandler(sys.__stderr__)
    _server.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s: %(message)s"))
    log.addHandler(_server)


def logged(what: str, error: Exception) -> str:
    """Write ``what`` and the error's traceback to the log under a short code, and return the code.

    The code names the kind of error and the line that raised it: the same fault has the same code on every page.
    """
    raised = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f"{frame.filename}:{frame.lineno}" for frame in raised)
    code = f"E{zlib.crc32(f'{type(error).__name__} {place}'.encode()) & 0xFFFFF:05X}"
    log.error("%s: %s", code, what, exc_info=error)
    return code
