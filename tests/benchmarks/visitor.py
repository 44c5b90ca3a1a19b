"""A visitor without a browser: loads the app's page and speaks the widget protocol over the kernel's websocket."""

from __future__ import annotations

import json
import re
import struct
import time
import uuid
from typing import TYPE_CHECKING, Any

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tornado.websocket import WebSocketClientConnection

PAGE_SECONDS = 300
"""How long a page may take to come: the whole start of its kernel, where many start at once."""
KERNEL = re.compile(r'"kernelId": "([0-9a-f-]+)"')
SLIDER = "pl-target-equities"


class Visitor:
    """One open page; ``arrive``, then ``move`` the slider as often as wanted, then ``leave``."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.kernel = ""
        self.errors: list[str] = []
        self._session = uuid.uuid4().hex
        self._socket: WebSocketClientConnection | None = None
        self._slider = ""
        self._value = 0.0

    async def arrive(self) -> None:
        """Load the page, connect to its kernel and learn which widget is the slider."""
        client = AsyncHTTPClient(force_instance=True)  # the shared one opens ten connections at once
        address = f"{self.server}/voila/render/planner.ipynb"
        page = await client.fetch(address, connect_timeout=PAGE_SECONDS, request_timeout=PAGE_SECONDS)
        client.close()
        found = KERNEL.search(page.body.decode())
        if found is None:
            raise RuntimeError("the page names no kernel")
        self.kernel = found[1]
        self._socket = await websocket_connect(
            f"{self.server.replace('http', 'ws', 1)}/api/kernels/{self.kernel}/channels?session_id={self._session}",
            max_message_size=2**26,
        )
        states = await self._states()
        rows = [state for state in states.values() if SLIDER in state["state"].get("_dom_classes", ())]
        below = {child.removeprefix("IPY_MODEL_") for row in rows for child in row["state"].get("children", ())}
        for name, state in states.items():
            is_row = SLIDER in state["state"].get("_dom_classes", ())
            if state["state"].get("_model_name") == "FloatSliderModel" and (is_row or name in below):
                self._slider, self._value = name, state["state"]["value"]
        if not self._slider:
            raise RuntimeError("the page has no slider of the targets")

    async def move(self, by: float) -> tuple[float, bool]:
        """Move the slider; return the seconds until all that follows was heard, and whether a chart was among it."""
        self._value += by
        began = time.perf_counter()
        asked = self._send("comm_msg", {"comm_id": self._slider, "data": self._update(self._value)})
        is_drawn = False
        async for message in self._answers_to(asked):
            state = message["content"].get("data", {}).get("state", {}) if message["msg_type"] == "comm_msg" else {}
            is_drawn = is_drawn or "rows" in state
        return time.perf_counter() - began, is_drawn

    def leave(self) -> None:
        """Go away without a word."""
        if self._socket is not None:
            self._socket.close()

    async def _states(self) -> dict[str, Any]:
        comm = uuid.uuid4().hex
        asked = self._send(
            "comm_open", {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}}, version="1.0.0"
        )
        async for _ in self._answers_to(asked):
            pass
        asked = self._send("comm_msg", {"comm_id": comm, "data": {"method": "request_states"}})
        states: dict[str, Any] = {}
        async for message in self._answers_to(asked):
            if message["msg_type"] == "comm_msg":
                states |= message["content"]["data"].get("states", {})
        return states

    @staticmethod
    def _update(value: float) -> dict[str, Any]:
        return {"method": "update", "state": {"value": round(value, 1)}, "buffer_paths": []}

    def _send(self, kind: str, content: dict[str, Any], **metadata: str) -> str:
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": kind, "session": self._session, "username": "", "version": "5.3"}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": metadata, "content": content}
        assert self._socket is not None
        self._socket.write_message(json.dumps(message))
        return number

    async def _answers_to(self, asked: str) -> AsyncIterator[dict[str, Any]]:
        """What the kernel says until it is done with a message; errors on the way are noted."""
        assert self._socket is not None
        while True:
            raw = await self._socket.read_message()
            if raw is None:
                raise RuntimeError("the connection was closed")
            message = _read(raw)
            if message["msg_type"] == "error" or message["content"].get("name") == "stderr":
                self.errors.append(str(message["content"])[:500])
            if message["parent_header"].get("msg_id") != asked:
                continue
            yield message
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return


def _read(raw: str | bytes) -> dict[str, Any]:
    """A message of Jupyter's default websocket protocol: JSON, or offsets, JSON and buffers."""
    if isinstance(raw, str):
        return dict(json.loads(raw))
    (parts,) = struct.unpack_from("!I", raw)
    offsets = [*struct.unpack_from(f"!{parts}I", raw, 4), len(raw)]
    return dict(json.loads(raw[offsets[0] : offsets[1]]))
