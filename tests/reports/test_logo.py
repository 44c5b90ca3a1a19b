from __future__ import annotations

import struct

import pytest

from planner.errors import InputError
from planner.reports.logo import MOST_BYTES, checked_logo, picture_kind, read_logo
from tests.reports.conftest import png

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><circle r="2"/></svg>'


def test_pictures_pass_as_they_are():
    assert checked_logo(png()) == png()
    assert picture_kind(png()) == "png"
    with_head = b'<?xml version="1.0"?>\n' + SVG
    assert checked_logo(with_head) == with_head
    assert picture_kind(with_head) == "svg"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "neither a PNG nor an SVG"),
        (b"GIF89a", "neither a PNG nor an SVG"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (png()[:16] + struct.pack(">II", 90_000, 2) + png()[24:], "more than 4,000 pixels"),
        (b"x" * (MOST_BYTES + 1), "1,000,000"),
        (b"<html></html>", "no SVG picture"),
        (SVG.replace(b"<circle", b"<script>alert(1)</script><circle"), "<script"),
        (SVG.replace(b"<circle", b"<circle onload='x()'"), "onload"),
        (SVG.replace(b"<circle", b"<foreignObject/><circle"), "foreignObject"),
        (SVG.replace(b"<circle", b"<image href='file:///etc/passwd'/><circle"), "href"),
        (SVG.replace(b"<circle", b"<image href='https://example.org/x.png'/><circle"), "href"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "<!DOCTYPE"),
    ],
)
def test_what_is_no_plain_picture_is_refused_in_words(content, said):
    with pytest.raises(InputError, match=said):
        checked_logo(content)


def test_a_file_is_read_or_refused(tmp_path):
    file = tmp_path / "logo.svg"
    with pytest.raises(InputError, match="cannot be read"):
        read_logo(file)
    file.write_bytes(SVG)
    assert read_logo(file) == SVG
    file.write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(InputError, match="smaller"):
        read_logo(file)
