"""How many pages are served at once, and when the kernel behind a page is ended."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from voila.tornado.handler import TornadoVoilaHandler

from planner.app_safety import OnlyServed

IDLE_SECONDS = 8 * 3600
"""A working day without a message: nobody reads that page any more. It says so, and keeps the scenario. Ours."""
FULL = 503


class PageKernels(AsyncMappingKernelManager):
    """Ends a kernel that no page was connected to for ``cull_idle_timeout`` seconds, and one that was idle for a day.

    Jupyter counts from a kernel's last message, so it may end one that was kept warm for long and whose page is just
    being loaded; here the time runs from when the kernel is first found alone. One that works is not alone.
    """

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)  # type: ignore[no-untyped-call]
        self._alone_since: dict[str, float] = {}

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End the kernel, or leave it until the next look."""
        kernel = self._kernels[kernel_id]
        state = getattr(kernel, "execution_state", "starting")
        if state in {"busy", "starting"} or self._kernel_connections.get(kernel_id, 0):
            self._alone_since.pop(kernel_id, None)
            seconds, most = time.time() - kernel.last_activity.timestamp(), IDLE_SECONDS
        else:
            seconds, most = (
                time.monotonic() - self._alone_since.setdefault(kernel_id, time.monotonic()),
                self.cull_idle_timeout,
            )
        if state == "dead" or seconds >= most:
            self.log.info(
                "Kernel %s is ended: %s, %.0f seconds without a page or a message.", kernel_id, state, seconds
            )
            self._alone_since.pop(kernel_id, None)
            await self.shutdown_kernel(kernel_id, now=state == "dead")  # type: ignore[no-untyped-call]

    def served(self) -> int:
        """Number of kernels that have or had a page; those kept warm for the next visitors are not counted."""
        warm = sum(self.get_pool_size(name) for name in self.notebook_data)
        return int(max(0, len(self) - warm))


class PageHandler(OnlyServed, TornadoVoilaHandler):  # type: ignore[misc]
    """A page with a kernel of its own, or, when ``places`` are taken, the error page that says so."""

    arriving: ClassVar[set[PageHandler]] = set()
    """Pages that were let in and have no kernel yet."""

    def initialize(self, places: int, **named: Any) -> None:
        """Take what Voila gives its handler, and the number of pages."""
        super().initialize(**named)
        self._places = places

    async def get(self, path: str | None = None) -> None:
        """Answer with the page, or with 503 and the words of the template."""
        if self.kernel_manager.served() + len(self.arriving) >= self._places:
            raise HTTPError(FULL, "all places are taken")
        self.arriving.add(self)
        try:
            await super().get(path)
        finally:
            self.arriving.discard(self)

    def write(self, chunk: Any) -> None:
        """Write; a page that writes has its kernel."""
        self.arriving.discard(self)
        super().write(chunk)
