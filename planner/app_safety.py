"""What the app's server answers, to whom, and what its pages may load: everything else is refused."""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import FileFindHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.utils import url_path_join
from tornado.routing import Matcher, Rule
from tornado.web import HTTPError, OutputTransform
from voila.handler import BaseVoilaHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.tornado.treehandler import TornadoVoilaTreeHandler

from planner.gallery import has_notebooks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tornado.httputil import HTTPHeaders, HTTPServerRequest
    from tornado.web import Application

NOT_FOUND, FORBIDDEN, MISDIRECTED = 404, 403, 421
UNSUPPORTED = 1003  # of the websocket protocol

MOST_MESSAGE_BYTES = 11_000_000
"""Of one message from a page: the largest file that a panel takes, and what goes with it. Ours."""
MOST_BODY_BYTES = 100_000
"""Of one request. A page sends but a few hundred, when it closes. Ours."""

_KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
# Names that begin with a letter, a digit, "_" or "@", one below the other: none hidden, none encoded, none of dots.
_PLAIN = r"(?:[\w@][\w@.~-]*/)*[\w@][\w@.~-]*"

# What Voila writes into a page whose cells take long: 'window.voila_heartbeat()', the one script in a page's text.
_HEARTBEAT = "'sha256-m16tKAZfrqdfaIlK4k9Uc4bmwJm0z0f+0b2ahSGv/Ko='"
PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        # The front end imports each widget's module from a blob; Vega compiles its expressions, as its interpreter
        # takes two to three times as long.
        f"script-src 'self' blob: 'unsafe-eval' {_HEARTBEAT}",
        "style-src 'self' 'unsafe-inline'",  # Jupyter's front end and our tables style single elements
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
"""Content Security Policy of a page: nothing of another host, no script in the page's own text."""
HEADERS = {
    "Content-Security-Policy": f"{PAGE_POLICY}; frame-ancestors 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def is_served(folder: Path, path: str) -> bool:
    """Say whether the landing page of `folder` leads to the notebook or folder at `path`, as an address names it.

    Nothing hidden, nothing outside `folder`, also not through a link, and nothing below a folder without notebooks.
    """
    parts = PurePosixPath(path).parts
    place = folder.joinpath(*parts)
    if any(part.startswith(".") or set(part) & {"/", "\\", "\0"} for part in parts):
        return False
    if not place.resolve().is_relative_to(folder.resolve()):
        return False
    holder = place if place.is_dir() else place.parent
    between = [each for each in (holder, *holder.parents) if each.is_relative_to(folder) and each != folder]
    return all(map(has_notebooks, between)) and (place.is_dir() or (place.suffix == ".ipynb" and place.is_file()))


def is_our_host(name: str, ours: Collection[str]) -> bool:
    """Say whether a request for the host `name` is meant for us: this machine, or one of `ours`.

    A page of another site whose name was turned to this machine's address (DNS rebinding) still asks for its own name.
    """
    name = name.removeprefix("[").removesuffix("]")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name in {"localhost", *ours}


def is_drawn_into_another_site(headers: HTTPHeaders) -> bool:
    """Say whether a page of another site asks, for a picture or a frame of its own; a link followed there is none."""
    return headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"} and headers.get("Sec-Fetch-Dest") != "document"


def has_its_parts(message: bytes, is_v1: bool) -> bool:
    """Say whether a binary message is long enough for the offsets of as many parts as it claims.

    Jupyter's protocol v1 writes numbers in eight bytes, the smallest first, the older one in four, the largest first.
    """
    count = int.from_bytes(message[:8], "little") if is_v1 else int.from_bytes(message[:4], "big")
    return (count + 1) * (8 if is_v1 else 4) <= len(message)


class SafeHeaders(OutputTransform):
    """Every answer carries our headers, also a file and an error."""

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: ARG002 - Tornado's signature
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Set them."""
        for name, value in HEADERS.items():
            headers[name] = value
        return status_code, headers, chunk


class OtherHost(Matcher):
    """Matches a request for a host that is not ours."""

    def __init__(self, ours: Collection[str]) -> None:
        self.ours = ours

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return what Tornado takes for a match, or None."""
        return None if is_our_host(request.host_name, self.ours) else {}


class Refused(BaseVoilaHandler):  # type: ignore[misc]
    """The error page of the template for one status."""

    def initialize(self, status: int, **named: Any) -> None:
        """Take the status, and what Voila gives its handlers."""
        super().initialize(**named)
        self._status = status

    async def prepare(self) -> None:
        """Refuse."""
        self.current_user = self._jupyter_current_user = None
        raise HTTPError(self._status, f"{self.request.host} {self.request.path} is not served")


class OnlyServed:
    """A handler of addresses that end with a path: it answers where the landing page leads to, and nowhere else."""

    async def prepare(self: Any) -> None:
        """Refuse, or go on."""
        await super().prepare()  # type: ignore[misc]
        folder = Path(self.settings["contents_manager"].root_dir)
        if not is_served(folder, "".join(self.path_args).strip("/")):
            raise HTTPError(NOT_FOUND)
        if is_drawn_into_another_site(self.request.headers):
            raise HTTPError(FORBIDDEN)
        _ = self.xsrf_token  # reading it sends the cookie without which a closing page may not end its kernel


class FolderHandler(OnlyServed, TornadoVoilaTreeHandler):  # type: ignore[misc]
    """The landing page of a folder."""


class KernelState(KernelHandler):
    """Says whether a page's kernel is alive, and does nothing to it."""

    SUPPORTED_METHODS = ("GET",)


class KernelLine(VoilaKernelWebsocketHandler):  # type: ignore[misc]
    """A page's line to its kernel, closed by a message that is none."""

    def on_message(self, ws_message: str | bytes) -> None:
        """Hand the message on. Jupyter would count up to whatever number of parts a message claims, for hours."""
        if isinstance(ws_message, bytes) and not has_its_parts(ws_message, bool(self.selected_subprotocol)):
            self.close(UNSUPPORTED)
        else:
            super().on_message(ws_message)


def rules(
    server: Any, extensions: Sequence[str], ours: Collection[str], page: tuple[type, dict[str, Any]]
) -> list[Any]:
    """Return all that the Voila `server` answers: Tornado's rules, in their order.

    `extensions` are the lab extensions whose files are served, `ours` the public host names, and `page` the handler of
    a notebook's page with what it takes beside Voila's own.
    """
    at = partial(url_path_join, server.server_url)
    voila = {"voila_configuration": server.voila_configuration}
    handler, more = page
    of_page = {**voila, "template_paths": server.template_paths, "config": server.config, **more}
    named = "|".join(extensions)
    return [
        Rule(OtherHost(ours), Refused, {**voila, "status": MISDIRECTED}),
        (server.server_url, FolderHandler, voila),
        (at(r"/voila/tree(/.*|)"), FolderHandler, voila),
        (at(r"/voila/render/(.+)"), handler, of_page),
        (at(f"/api/kernels/{_KERNEL}"), KernelState),
        (at(f"/api/kernels/{_KERNEL}/channels"), KernelLine),
        (at(f"/voila/api/shutdown/{_KERNEL}"), VoilaShutdownKernelHandler),
        (at(f"/voila/static/({_PLAIN})"), MultiStaticFileHandler, {"paths": server.static_paths}),
        (at(f"/voila/templates/({server.voila_configuration.template}/static/{_PLAIN})"), TemplateStaticFileHandler),
        (
            at(f"/voila/labextensions/((?:{named})/static/{_PLAIN})"),
            FileFindHandler,
            {"path": server.labextensions_path, "no_cache_paths": ["/"]},
        ),
        (".*", Refused, {**voila, "status": NOT_FOUND}),
    ]


def guard(application: Application) -> None:
    """Let the application send our headers with every answer, and take no large message or request."""
    application.add_transform(SafeHeaders)
    application.settings["websocket_max_message_size"] = MOST_MESSAGE_BYTES
    application.listen = partial(application.listen, max_body_size=MOST_BODY_BYTES)  # type: ignore[method-assign]
