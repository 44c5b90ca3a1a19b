"""A web service on this computer that answers as a test says, faults included."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Reply:
    body: object = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    slow: float = 0.0
    drip: float = 0.0

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Asked:
    path: str
    params: dict
    headers: dict


class Service:
    """``answer(path, params, turn)`` gives a Reply; what was asked is kept in ``asked``."""

    def __init__(self):
        self.asked, self.answer, self.over = [], None, threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                params = dict(parse_qsl(parts.query))
                service.asked.append(Asked(parts.path, params, {k.lower(): v for k, v in self.headers.items()}))
                reply = service.answer(parts.path, params, len(service.asked))
                service.over.wait(reply.slow)
                content = reply.content()
                try:
                    self.send_response(reply.status)
                    for name, value in {"Content-Length": str(len(content)), **reply.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    for letter in content if reply.drip else ():
                        self.wfile.write(bytes([letter]))
                        service.over.wait(reply.drip)
                    if not reply.drip:
                        self.wfile.write(content)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
