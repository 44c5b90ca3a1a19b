"""What a stranger gets from the app's server: nothing to read, nothing to run, and no way to bring it down."""

from __future__ import annotations

import http.client
import json
import re
import urllib.request
from contextlib import closing, suppress
from itertools import pairwise
from uuid import uuid4

import pytest
import websocket
from playwright.sync_api import expect

from planner.app_safety import MOST_MESSAGE_BYTES
from tests.browser.conftest import free_port, running

pytestmark = pytest.mark.browser

PUBLIC = "plan.example.com"
WORDS_OF_THE_SOURCE = "the secret recipe of the notebook"
SOURCE = f"# {WORDS_OF_THE_SOURCE}\nprint('the page')\n"
WAIT_SECONDS = 20
HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy")


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module", autouse=True)
def folder(port, tmp_path_factory):
    """Serve a folder with one notebook, and beside and in it what nobody may have."""
    top = tmp_path_factory.mktemp("safety")
    root = top / "notebooks"
    cells = [{"cell_type": "code", "source": SOURCE, "metadata": {}, "outputs": [], "execution_count": None, "id": "a"}]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})
    for name in ("page.ipynb", ".hidden.ipynb", ".git/one.ipynb", "deep/er/two.ipynb", "notes.txt", "../outside.ipynb"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(notebook)
    (root / "link.ipynb").symlink_to(top / "outside.ipynb")
    call = f"serve(Path({str(root)!r}), port={port}, open_browser=False, public_url='https://{PUBLIC}/')"
    with running(call, port, top / "server.log"):
        yield top


def ask(port, path, method="GET", body=None, **headers):
    """Send the address as it is written; a browser would take its dots away."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)) as connection:
        connection.request(method, path, body=body, headers={name.replace("_", "-"): headers[name] for name in headers})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode(errors="replace")


@pytest.fixture(scope="module")
def answer(port, folder):
    """Headers and text of the page, asked for with what a stranger might write behind its address."""
    address = "/voila/render/page.ipynb?theme=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&template=lab"
    status, headers, text = ask(port, address)
    assert status == 200
    return headers, text


@pytest.fixture(scope="module")
def page(answer):
    return answer[1]


class Line:
    """A websocket to the kernel, as a page or a script opens it."""

    def __init__(self, port, kernel, **options):
        self.session = uuid4().hex
        address = f"ws://127.0.0.1:{port}/api/kernels/{kernel}/channels?session_id={self.session}"
        self.socket = websocket.create_connection(address, timeout=WAIT_SECONDS, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, kind, content, channel="shell"):
        header = {"msg_id": uuid4().hex, "msg_type": kind, "session": self.session, "username": "", "version": "5.3"}
        parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self._send(parts, channel)
        return header["msg_id"]

    def _send(self, parts, channel):
        self.socket.send(json.dumps({**parts, "channel": channel, "buffers": []}))

    def _receive(self):
        return json.loads(self.socket.recv())

    def send_too_much(self):
        with suppress(OSError, websocket.WebSocketException):  # it may be closed before all was sent
            self.socket.send_binary(bytes(MOST_MESSAGE_BYTES + 1))

    def wait_until_closed(self):
        with suppress(OSError, websocket.WebSocketConnectionClosedException):
            while self.socket.recv_data(control_frame=True)[0] != websocket.ABNF.OPCODE_CLOSE:
                pass

    def heard_until_answer(self, asked):
        """All messages, up to the answer to the one that was asked last and the kernel's word that it is done."""
        heard, wanted = [], {"kernel_info_reply", "idle"}
        while wanted:
            heard.append(self._receive())
            if heard[-1]["parent_header"].get("msg_id") == asked:
                wanted -= {heard[-1]["header"]["msg_type"], heard[-1]["content"].get("execution_state")}
        return heard


class BinaryLine(Line):
    """The same in the protocol that the front end speaks: offsets, then the parts."""

    PROTOCOL = "v1.kernel.websocket.jupyter.org"

    def __init__(self, port, kernel):
        super().__init__(port, kernel, subprotocols=[self.PROTOCOL])
        assert self.socket.subprotocol == self.PROTOCOL

    def _send(self, parts, channel):
        pieces = [channel.encode(), *(json.dumps(part).encode() for part in parts.values())]
        offsets = [8 * (len(pieces) + 2)]
        for piece in pieces:
            offsets.append(offsets[-1] + len(piece))
        numbers = [len(offsets), *offsets]
        self.socket.send_binary(b"".join([*(number.to_bytes(8, "little") for number in numbers), *pieces]))

    def _receive(self):
        message = self.socket.recv()
        count = int.from_bytes(message[:8], "little")
        ends = [int.from_bytes(message[8 * place : 8 * place + 8], "little") for place in range(1, count + 1)]
        pieces = [message[start:end] for start, end in pairwise(ends)]
        header, parent, _, content = map(json.loads, pieces[1:5])
        channel = pieces[0].decode()
        return {"channel": channel, "header": header, "parent_header": parent, "content": content}


@pytest.fixture(scope="module")
def kernel(port, page):
    """The page's kernel, with a line that stays open: a kernel that nobody is connected to is ended soon."""
    found = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])["kernelId"]
    with Line(port, found):
        yield found


def test_the_page_has_what_the_cells_show_and_nothing_of_their_source_or_of_the_address(page):
    assert "the page" in page
    assert WORDS_OF_THE_SOURCE not in page
    assert "alert(1)" not in page
    assert "modern-portfolio.css" in page
    assert not re.search(r"<script>(?!window\.voila_heartbeat)", page)


def test_what_the_page_needs_is_answered(port, page):
    assets = {path for path in re.findall(r'(?:src|href)="(/[^"]*)"', page) if "/voila/" in path}
    assert {"static", "templates", "labextensions"} <= {path.split("/")[2] for path in assets}
    for path in ("/", "/voila/tree", "/voila/tree/", *assets):
        assert ask(port, path)[0] == 200, path


@pytest.mark.parametrize(
    "path",
    [
        *("/voila/files/notes.txt", "/voila/files/page.ipynb", "/files/page.ipynb", "/notes.txt", "/page.ipynb"),
        *("/voila/render/notes.txt", "/voila/render/.hidden.ipynb", "/voila/render/.git/one.ipynb"),
        *("/voila/render/deep/er/two.ipynb", "/voila/render/link.ipynb", "/voila/render/../outside.ipynb"),
        *(
            "/voila/render/%2e%2e/outside.ipynb",
            "/voila/render/..%2foutside.ipynb",
            "/voila/render/%2E%2E%2Foutside.ipynb",
        ),
        *("/voila/render/{top}/outside.ipynb", "/voila/render//{top}/outside.ipynb", "/voila/render/%2fetc/passwd"),
        *("/voila/render/page.ipynb%00.txt", "/voila/render/page.ipynb/..", "/voila/render/", "/voila/render"),
        *(
            "/voila/tree/..",
            "/voila/tree/%2e%2e",
            "/voila/tree/.git",
            "/voila/tree/deep",
            "/voila/treedeep",
            "/voila/tree//etc",
        ),
        *(
            "/voila/tree/page.ipynb/x",
            "/voila/api/contents",
            "/voila/api/contents/page.ipynb",
            "/voila/api/themes/x.css",
        ),
        *(
            "/api",
            "/api/kernels",
            "/api/kernelspecs",
            "/api/sessions",
            "/api/contents",
            "/api/terminals",
            "/api/status",
        ),
        *("/api/config/notebook", "/api/kernels/{kernel}/interrupt", "/api/kernels/{kernel}/restart", "/api/shutdown"),
        *("/voila/query/{kernel}", "/voila/execution/{kernel}", "/login", "/logout", "/lab", "/tree", "/metrics"),
        *(
            "/voila/static/..%2f..%2fetc/jupyter",
            "/voila/static/%2e%2e/index.html.j2",
            "/voila/static/../index.html.j2",
        ),
        *("/voila/templates/lab/static/index.css", "/voila/templates/modern-portfolio/index.html.j2"),
        *("/voila/templates/modern-portfolio/static/../index.html.j2", "/voila/templates/../static/voila.js"),
        *(
            "/voila/templates/modern-portfolio/static/%2e%2e/index.html.j2",
            "/voila/templates/modern-portfolio/static/..",
        ),
        *("/voila/labextensions/@jupyterlab/x/static/a.js", "/voila/labextensions/anywidget/package.json"),
        *(
            "/voila/labextensions/anywidget/static/../package.json",
            "/voila/labextensions/anywidget/static/..%2fpackage.json",
        ),
        *("/nbextensions/x.js", "/static/favicon.ico", "/favicon.ico", "//evil.example/", "/%2e%2e/%2e%2e/etc/passwd"),
    ],
)
def test_nothing_else_is_there(port, kernel, folder, path):
    status, _, text = ask(port, path.format(kernel=kernel, top=folder))
    assert status == 404
    assert WORDS_OF_THE_SOURCE not in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/kernels"), ("POST", "/api/kernels/{kernel}/restart"), ("PUT", "/voila/api/contents/new.ipynb")],
)
def test_nothing_can_be_made_or_ended_by_other_requests(port, kernel, method, path):
    assert ask(port, path.format(kernel=kernel), method, body="{}")[0] == 404


def test_a_kernel_can_be_asked_whether_it_lives_and_not_be_ended_through_that_address(port, kernel):
    assert ask(port, f"/api/kernels/{kernel}", "DELETE")[0] == 405
    assert ask(port, f"/api/kernels/{uuid4()}")[0] == 404
    status, _, text = ask(port, f"/api/kernels/{kernel}")
    assert status == 200
    assert json.loads(text)["id"] == kernel


@pytest.mark.parametrize(
    "path", ["/", "/voila/static/voila.js", "/voila/static/no.js", "/nothing", "/api/kernels/{kernel}"]
)
def test_every_answer_carries_the_headers(port, kernel, path):
    _, headers, _ = ask(port, path.format(kernel=kernel))
    assert all(headers[name] for name in HEADERS)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "10.0.0.1:{port}", f"{PUBLIC}.evil.example"])
@pytest.mark.parametrize("path", ["/", "/voila/render/page.ipynb", "/voila/static/voila.js", "/api/kernels/{kernel}"])
def test_another_host_is_refused_everywhere(port, kernel, host, path):
    status, headers, text = ask(port, path.format(kernel=kernel), Host=host.format(port=port))
    assert status == 421
    assert kernel not in text
    assert headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}", PUBLIC, PUBLIC.upper()])
def test_this_machine_and_the_public_name_are_answered(port, host):
    assert ask(port, "/", Host=host.format(port=port))[0] == 200


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "127.0.0.1:{port}"),
        ("https://evil.example", PUBLIC),
        ("https://evil.example", "evil.example"),  # whose name was turned to this machine
        ("http://127.0.0.1:1", "127.0.0.1:{port}"),
        ("null", "127.0.0.1:{port}"),
    ],
)
def test_a_page_of_another_site_gets_no_line_to_the_kernel_and_cannot_end_it(port, kernel, origin, host):
    host = host.format(port=port)
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        Line(port, kernel, origin=origin, host=host)
    assert refusal.value.status_code in {403, 421}
    assert ask(port, f"/voila/api/shutdown/{kernel}", "POST", Origin=origin, Host=host)[0] in {404, 421}
    assert ask(port, f"/api/kernels/{kernel}")[0] == 200


@pytest.mark.parametrize(
    ("origin", "host"), [("http://127.0.0.1:{port}", "127.0.0.1:{port}"), (f"https://{PUBLIC}", PUBLIC)]
)
def test_our_own_page_gets_its_line(port, kernel, origin, host):
    with Line(port, kernel, origin=origin.format(port=port), host=host.format(port=port)) as line:
        assert line.heard_until_answer(line.send("kernel_info_request", {}))


def test_another_site_cannot_draw_the_page_into_itself_and_so_starts_no_kernel(port):
    sent = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "iframe"}
    assert ask(port, "/voila/render/page.ipynb", **sent)[0] == 403


@pytest.mark.parametrize("channel", ["shell", "control", "stdin"])
@pytest.mark.parametrize("kind_of_line", [Line, BinaryLine])
def test_no_message_runs_code_or_reads_what_the_kernel_knows(port, kernel, folder, kind_of_line, channel):
    written = folder / f"{kind_of_line.__name__}-{channel}"
    code = f"open({str(written)!r}, 'w').close()"
    execution = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True}
    refused = {
        "execute_request": execution,
        "inspect_request": {"code": "print", "cursor_pos": 5, "detail_level": 1},
        "complete_request": {"code": "pri", "cursor_pos": 3},
        "history_request": {"hist_access_type": "tail", "n": 10, "output": True, "raw": True},
        "is_complete_request": {"code": "1"},
        "debug_request": {"type": "request", "seq": 1, "command": "evaluate", "arguments": {"expression": code}},
        "create_subshell_request": {},
        "interrupt_request": {},
        "input_reply": {"value": code},
        "apply_request": execution,
        "Execute_Request": execution,
    }
    with kind_of_line(port, kernel) as line:
        sent = {line.send(kind, content, channel) for kind, content in refused.items()}
        heard = line.heard_until_answer(line.send("kernel_info_request", {}, "control"))
        heard += line.heard_until_answer(line.send("kernel_info_request", {}, "shell"))
    assert not sent & {message["parent_header"].get("msg_id") for message in heard}
    assert not {"execute_input", "stream", "error"} & {message["header"]["msg_type"] for message in heard}
    assert not written.exists()


def test_a_line_to_another_part_of_the_kernel_is_closed_by_it(port, kernel):
    with Line(port, kernel) as line:
        for target in ("os.system", "builtins", "evil"):
            line.send(
                "comm_open", {"comm_id": target, "target_name": target, "data": {"method": "update", "state": {}}}
            )
        heard = line.heard_until_answer(line.send("kernel_info_request", {}))
    closed = {message["content"]["comm_id"] for message in heard if message["header"]["msg_type"] == "comm_close"}
    assert closed == {"os.system", "builtins", "evil"}


def test_messages_that_are_too_large_or_make_no_sense_close_the_line_and_leave_the_kernel_alone(port, kernel):
    for rubbish in (b"\xff" * 64, b"", (2**63).to_bytes(8, "little") * 4):
        with BinaryLine(port, kernel) as line:
            line.socket.send_binary(rubbish)
    with Line(port, kernel) as line:
        line.socket.send("[1, 2")
    with Line(port, kernel) as line:
        line.send_too_much()
        line.wait_until_closed()
    with Line(port, kernel) as line:
        assert line.heard_until_answer(line.send("kernel_info_request", {}))


def test_a_large_request_is_not_taken(port):
    try:
        status, _, _ = ask(port, "/voila/render/page.ipynb", "POST", body=bytes(1_000_000))
    except OSError:
        status = 400  # the server closed the connection before all was sent
    assert status in {400, 413}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=WAIT_SECONDS) as answer:
        assert answer.status == 200


def test_the_page_may_end_its_own_kernel_and_needs_its_cookie_for_that(port, kernel, answer):
    own, address = f"http://127.0.0.1:{port}", f"/voila/api/shutdown/{kernel}"
    cookie = re.search(r"_xsrf=([^;]+)", str(answer[0]))[1]
    assert ask(port, address, "POST", Origin=own)[0] == 403
    assert ask(port, address, "POST", Origin=own, Cookie=f"_xsrf={cookie}", X_XSRFToken=cookie)[0] == 204
    assert ask(port, f"/api/kernels/{kernel}")[0] == 404


def test_the_page_keeps_to_its_policy_and_signs_its_questions_for_its_kernel(visit, port):
    opened = visit(f"http://127.0.0.1:{port}/voila/render/page.ipynb")
    with opened.page.expect_request(re.compile(r"/api/kernels/[\w-]+$")) as asked:
        expect(opened.page.get_by_text("the page", exact=True)).to_be_visible()
    (signature,) = [each["value"] for each in opened.page.context.cookies() if each["name"] == "_xsrf"]
    assert asked.value.headers["x-xsrftoken"] == signature  # JupyterHub's servers answer nothing without
    ran = "const made = document.createElement('div'); made.innerHTML = '<img src=x onerror=globalThis.ran=1>'"
    opened.page.evaluate(f"() => {{ {ran}; }}")
    opened.page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(each => each.name.endsWith('/x'))"
    )
    assert opened.page.evaluate("globalThis.ran") is None
    assert any("Content Security Policy" in error for error in opened.witness.errors)
    assert opened.witness.outside == []
