"""What the app's server takes for its own: addresses, hosts, and who asks."""

from __future__ import annotations

import inspect
import re
from base64 import b64encode
from hashlib import sha256

import pytest
import voila.handler
from hypothesis import given
from hypothesis import strategies as st
from jupyter_server.services.kernels.connection.base import serialize_binary_message, serialize_msg_to_ws_v1
from tornado.httputil import HTTPHeaders

from planner.app_safety import (
    MOST_MESSAGE_BYTES,
    PAGE_POLICY,
    has_its_parts,
    is_drawn_into_another_site,
    is_our_host,
    is_served,
)
from planner.app_server import public_place
from planner.cli import INPUT_WRONG, main
from planner.errors import InputError
from planner.household.reading_accounts import LARGEST_FILE_BYTES
from planner.scenario import LARGEST_DOCUMENT


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "notebooks"
    for name in (
        *("planner.ipynb", "notes.txt", ".hidden.ipynb", ".git/inside.ipynb", "lessons/one.ipynb", "lessons/plain.csv"),
        *("lessons/.ipynb_checkpoints/one.ipynb", "empty/words.txt", "empty/deep/two.ipynb", "with space.ipynb"),
        *("dir.ipynb/inner.ipynb", "../outside.ipynb", "../outer/three.ipynb"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("{}")
    (root / "link.ipynb").symlink_to(tmp_path / "outside.ipynb")
    (root / "linked").symlink_to(tmp_path / "outer")
    (root / "again.ipynb").symlink_to(root / "planner.ipynb")
    return root


@pytest.mark.parametrize(
    "path", ["", "planner.ipynb", "lessons", "lessons/one.ipynb", "with space.ipynb", "again.ipynb"]
)
def test_the_notebooks_and_folders_of_the_landing_page_are_served(folder, path):
    assert is_served(folder, path)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "notes.txt",
            "lessons/plain.csv",
            "missing.ipynb",
            "planner.ipynb/x",
            ".hidden.ipynb",
            ".git",
            ".git/inside.ipynb",
        ),
        *("lessons/.ipynb_checkpoints/one.ipynb", "link.ipynb", "linked", "linked/three.ipynb", "empty", "empty/deep"),
        *("empty/deep/two.ipynb", "..", "../outside.ipynb", "lessons/../planner.ipynb", "lessons/../../outside.ipynb"),
        *("/etc/passwd", "//etc/passwd", "planner.ipynb\0", "..\\outside.ipynb", "lessons\\one.ipynb"),
    ],
)
def test_what_is_hidden_outside_linked_or_no_notebook_is_not_served(folder, path):
    assert not is_served(folder, path)


@given(parts=st.lists(st.sampled_from(["..", ".", "", "outer", "notebooks", "lessons", "linked", "x\0"]), max_size=6))
def test_no_mixture_of_steps_up_and_down_leads_outside(tmp_path_factory, parts):
    top = tmp_path_factory.getbasetemp() / "mixture"
    for inner in ("notebooks/lessons", "outer"):
        (top / inner).mkdir(parents=True, exist_ok=True)
        (top / inner / "one.ipynb").write_text("{}")
    root = top / "notebooks"
    if not (root / "linked").exists():
        (root / "linked").symlink_to(top / "outer")
    path = "/".join([*parts, "one.ipynb"])
    if is_served(root, path):
        assert (root / path).resolve() == root.resolve() / "lessons" / "one.ipynb"


def test_a_host_is_ours_when_it_is_this_machine_or_was_named():
    ours = ("plan.example.com",)
    assert all(is_our_host(name, ours) for name in ("localhost", "127.0.0.1", "127.8.9.1", "[::1]", *ours))
    others = (
        "example.com",
        "evil.plan.example.com",
        "10.0.0.7",
        "0.0.0.0",
        "[2001:db8::1]",
        "",
        "localhost.example.com",
    )
    assert not any(is_our_host(name, ours) for name in others)
    assert not is_our_host("plan.example.com", ())


@pytest.mark.parametrize(
    ("site", "place", "drawn"),
    [
        (None, None, False),  # no browser, or an old one
        ("none", "document", False),
        ("same-origin", "iframe", False),
        ("cross-site", "document", False),  # a link
        ("cross-site", "iframe", True),
        ("cross-site", "image", True),
        ("same-site", "empty", True),  # another port of this machine
    ],
)
def test_a_page_is_not_drawn_into_another_site(site, place, drawn):
    sent = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": place}
    headers = HTTPHeaders({name: value for name, value in sent.items() if value})
    assert is_drawn_into_another_site(headers) is drawn


def test_the_policy_names_no_other_host_and_allows_the_one_script_that_voila_writes():
    assert not re.search(r"//|[*]|http", PAGE_POLICY)
    assert "'unsafe-inline'" not in next(part for part in PAGE_POLICY.split("; ") if part.startswith("script-src"))
    (written,) = re.findall(r"<script>(.*?)</script>", inspect.getsource(voila.handler))
    assert f"'sha256-{b64encode(sha256(written.encode()).digest()).decode()}'" in PAGE_POLICY


def test_the_largest_file_that_a_panel_takes_fits_into_one_message():
    assert max(LARGEST_FILE_BYTES, LARGEST_DOCUMENT) < MOST_MESSAGE_BYTES


def test_a_public_address_gives_what_the_log_shows_the_path_and_the_name():
    assert public_place(None) == ("", "/", ())
    assert public_place("https://Plan.example.com") == ("https://Plan.example.com", "/", ("plan.example.com",))
    assert public_place("https://example.com:8443/plan") == ("https://example.com:8443", "/plan/", ("example.com",))
    assert public_place("http://example.com/a/b/") == ("http://example.com", "/a/b/", ("example.com",))


@pytest.mark.parametrize("url", ["", "example.com", "ftp://example.com/", "https:///plan", "https://example.com/?q=1"])
def test_what_is_no_public_address_is_told_in_words(url):
    with pytest.raises(InputError, match="no public address"):
        public_place(url)
    assert main(["app", "--public-url", url]) == INPUT_WRONG


@given(message=st.binary(max_size=40), is_v1=st.booleans())
def test_a_message_that_claims_more_parts_than_it_is_long_is_none(message, is_v1):
    width, order = (8, "little") if is_v1 else (4, "big")
    claimed = int.from_bytes(message[:width], order)
    assert has_its_parts(message, is_v1) == (claimed <= len(message) // width - 1)


def test_a_message_of_jupyter_has_its_parts():
    assert has_its_parts(serialize_msg_to_ws_v1([b"a", b"b", b"c", b"d"], "shell"), is_v1=True)
    assert has_its_parts(serialize_binary_message({"header": {}, "buffers": [b"abc"]}), is_v1=False)
