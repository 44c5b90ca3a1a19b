"""Asking a web service for JSON: with time limits, with patience that ends, and without giving the key away."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import math
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from planner.errors import InputError
from planner.sources.prices import SourceError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from planner.sources.prices import Progress

LARGEST_BODY_BYTES = 20_000_000
"""A page of a hundred rows is under a megabyte. Ours."""
LONGEST_MESSAGE = 200
BUSY = 429
PASSING = frozenset({408, 425, 500, 502, 503, 504})
REFUSED = frozenset({401, 403})
HOME = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try: all seconds. The values are ours.

    - ``request``: without a byte from the service; ``total``: for all tries and pauses of one fetch together
    - ``tries``: of each request; ``pause``: before the second try, doubled each time, then a random half to all of it
    """

    request: float = 15.0
    total: float = 120.0
    tries: int = 5
    pause: float = 1.0

    def __post_init__(self) -> None:
        for name in ("request", "total", "pause"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"The patience '{name}' is {value:g} seconds: it must be more than 0 and finite.")
        if self.tries < 1:
            raise InputError(f"The patience 'tries' is {self.tries}: it must be at least 1.")


class Visit:
    """One fetch from one service: its requests share a connection and a deadline. To be used in a ``with``."""

    def __init__(self, base: str, headers: Mapping[str, str], secret: str, patience: Patience) -> None:
        self.host = checked_host(base)
        self._base, self._headers, self._secret, self._patience = base.rstrip("/"), dict(headers), secret, patience
        self._deadline = time.monotonic() + patience.total
        self._client = _client(self.host)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def __repr__(self) -> str:
        return f"Visit({self.host})"

    def json(self, path: str, params: Mapping[str, str], progress: Progress | None = None) -> dict[str, Any] | None:
        """The JSON object at a path, None where the service says that there is none (404)."""
        fault, wait = "", 0.0
        for turn in range(self._patience.tries):
            if turn:
                self._pause(max(wait, jittered(self._patience.pause * 2 ** (turn - 1))), fault, wait)
            if progress is not None:
                progress(f"Asking {self.host} for {path}" + (f", try {turn + 1}" if turn else ""))
            answer = self._once(path, params)
            if not isinstance(answer, Passing):
                return answer
            fault, wait = answer.fault, answer.wait
        raise Unreachable(f"{self.host}: {fault}, also at try {self._patience.tries}. Try again later.")

    def _pause(self, seconds: float, fault: str, demanded: float) -> None:
        left = self._deadline - time.monotonic()
        if seconds >= left:
            asks = f" and asks to wait {demanded:.0f} seconds" if demanded else ""
            raise Unreachable(f"{self.host}: {fault}{asks}; the {self._patience.total:g} seconds for it are used up.")
        time.sleep(seconds)

    def _once(self, path: str, params: Mapping[str, str]) -> dict[str, Any] | Passing | None:
        import httpx

        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Unreachable(f"{self.host}: the {self._patience.total:g} seconds for it are used up. Try again later.")
        # What httpx raises carries the request and so the key: the fault goes on as words, not as a cause.
        try:
            with self._client.stream(
                "GET",
                f"{self._base}{path}",
                params=dict(params),
                headers=self._headers,
                timeout=min(self._patience.request, left),
            ) as response:
                body = self._body(response)
            status, answered = response.status_code, response.headers
        except httpx.TimeoutException:
            return Passing("it did not answer in time")
        except httpx.TransportError as error:
            return Passing(f"it cannot be reached ({type(error).__name__})")
        except httpx.HTTPError as error:
            return Passing(f"its answer cannot be read ({type(error).__name__})")
        return self._judged(path, status, answered.get("retry-after"), body)

    def _body(self, response: httpx.Response) -> bytes:
        import httpx

        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > LARGEST_BODY_BYTES:
                raise SourceError(f"{self.host}: its answer is larger than {LARGEST_BODY_BYTES:,} bytes. Not read on.")
            if time.monotonic() > self._deadline:
                raise httpx.ReadTimeout("slow")
        return bytes(body)

    def _judged(self, path: str, status: int, after: str | None, body: bytes) -> dict[str, Any] | Passing | None:
        said = self._message(body)
        if status == BUSY:
            return Passing("it has had too many requests (429)", seconds_until(after))
        if status in PASSING:
            return Passing(f"it failed with status {status}{said}", seconds_until(after))
        if status in REFUSED:
            raise SourceError(f"{self.host}: it refused the key or the plan does not include {path} ({status}){said}.")
        if 300 <= status < 400:
            raise SourceError(f"{self.host}: it sends {path} elsewhere ({status}); the key does not follow it there.")
        if status == 404:
            return None
        if status != 200:
            raise SourceError(f"{self.host}: it rejected the request for {path} with status {status}{said}.")
        try:
            answer = json.loads(body)
        except ValueError:
            return Passing("its answer is not whole JSON")
        if not isinstance(answer, dict):
            raise SourceError(
                f"{self.host}: {path} is a {type(answer).__name__}, not an object: its format has changed."
            )
        return answer

    def _message(self, body: bytes) -> str:
        """What a service says of its fault, as an addition to a sentence, without the key that it may repeat."""
        try:
            said = json.loads(body).get("message", "")
        except (ValueError, AttributeError):
            return ""
        return f": {self.cleaned(said)}" if isinstance(said, str) and said else ""

    def cleaned(self, text: str) -> str:
        """A service's words fit for a sentence: printable, short, and without the key."""
        bare = text.replace(self._secret, "[key]") if self._secret else text
        return "".join(letter for letter in bare if letter.isprintable())[:LONGEST_MESSAGE]


def _client(host: str) -> httpx.Client:
    """A client that follows nowhere; a proxy of the environment is used, but not on the way to this computer."""
    try:
        import httpx
    except ImportError:
        raise InputError("Web services need httpx: pip install 'modern-portfolio[sources]'.") from None
    return httpx.Client(follow_redirects=False, trust_env=host not in HOME)


@dataclass(frozen=True, slots=True)
class Passing:
    """A fault that may be over at the next try; ``wait`` is the least seconds that the service asks for."""

    fault: str
    wait: float = 0.0


def checked_host(base: str) -> str:
    """The host of an address to which a key may be sent; InputError unless encrypted or this computer."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in HOME)):
        raise InputError(f"The address '{parts.scheme}://{host}' is not https: the key would travel unprotected.")
    return host


def seconds_until(after: str | None) -> float:
    """The seconds of a Retry-After header, given as a number or as a day and time; 0 when it says nothing useful."""
    if after is None:
        return 0.0
    if after.strip().isdecimal():
        return float(after)
    try:
        when = email.utils.parsedate_to_datetime(after)
    except ValueError:
        return 0.0
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - dt.datetime.now(dt.UTC)).total_seconds())


def jittered(seconds: float) -> float:
    """A random half to all of some seconds, so that many clients do not come back at once."""
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311 - spreads requests, protects nothing
