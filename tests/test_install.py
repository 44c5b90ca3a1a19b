"""What is installed is whole: Binder's steps in a clean directory lead to the app; the wheel carries what it needs."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.install

ROOT = Path(__file__).resolve().parents[1]
BASE = "/user/somebody/"
START_SECONDS = 60


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files that git knows or would take, and of nothing else."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    copy = tmp_path_factory.mktemp("binder") / "repository"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


def link_environment(prefix: Path) -> None:
    """The running environment once more under another prefix: files are links, scripts call the new one's Python."""
    shutil.copytree(sys.prefix, prefix, symlinks=True, copy_function=_link)
    for script in (prefix / "bin").iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        content = script.read_bytes()
        if content.startswith(b"#!") and sys.prefix.encode() in content:
            mode = script.stat().st_mode
            script.unlink()
            script.write_bytes(content.replace(sys.prefix.encode(), str(prefix).encode()))
            script.chmod(mode)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another disk
        shutil.copy2(source, target)


def normal(requirement: str) -> str:
    """A pinned requirement as the index writes its name."""
    name, _, version = requirement.partition("==")
    return f"{re.sub(r'[-_.]+', '-', name).lower()}=={version}"


@pytest.fixture(scope="module")
def environment(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Binder's build: an environment of the locked requirements, then postBuild in the repository.

    The requirements are linked from the environment of the tests, which pip made of the same lock, as a second download
    of them all would take minutes; that they are those of the lock is checked.
    """
    assert (checkout / "binder/runtime.txt").read_text().strip() == "python-3.11"
    assert (checkout / "binder/requirements.txt").read_text().strip() == "-r ../requirements.lock"
    prefix = tmp_path_factory.mktemp("environment") / "linked"
    link_environment(prefix)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON", "VIRTUAL"))}
    own["PATH"] = f"{prefix / 'bin'}{os.pathsep}{own['PATH']}"
    subprocess.run([prefix / "bin/pip", "uninstall", "--quiet", "--yes", "modern-portfolio"], env=own, check=True)
    listing = [prefix / "bin/pip", "list", "--format=freeze", "--disable-pip-version-check"]
    installed = subprocess.run(listing, env=own, check=True, capture_output=True, text=True).stdout
    locked = re.findall(r"^([\w.-]+==[^ ;\n]+)", (checkout / "requirements.lock").read_text(), flags=re.MULTILINE)
    assert {normal(line) for line in locked} <= {normal(line) for line in installed.splitlines()}
    subprocess.run([checkout / "binder/postBuild"], cwd=checkout, env=own, check=True)
    yield own
    shutil.rmtree(prefix)  # more than a gigabyte, which pytest would keep for three runs


@pytest.fixture(scope="module")
def server(checkout: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Jupyter Server below a user's address, started through binder/start in the repository."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    log = home / "server.log"
    command = [
        str(checkout / "binder/start"),
        *("jupyter", "server", "--ip=127.0.0.1", f"--port={port}", "--no-browser", "--allow-root"),
        *(f"--ServerApp.base_url={BASE}", "--IdentityProvider.token=token"),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=checkout, env={**environment, "HOME": str(home)}, stdout=output, stderr=subprocess.STDOUT
        )
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(START_SECONDS * 2):
                if process.poll() is not None or answer(f"{address}{BASE}api")[0] == 200:
                    break
                time.sleep(0.5)
            assert process.poll() is None, log.read_text()
            yield address
        finally:
            process.terminate()
            process.wait(30)


def answer(url: str) -> tuple[int, str]:
    """Return status and text; status 0 stands for no answer."""
    request = urllib.request.Request(url, headers={"Authorization": "token token"})
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""


def test_binders_steps_lead_to_the_page_of_the_app(server: str) -> None:
    status, page = answer(f"{server}{BASE}voila/render/notebooks/planner.ipynb")
    assert status == 200
    assert "<title>Portfolio planner</title>" in page
    assert "This page could not be built" not in page
    assert "modern-portfolio.css" in page
    script = re.search(r'modulepreload" href="([^"]+)"', page)
    assert script is not None
    assert script[1].startswith(BASE)
    status, text = answer(server + script[1])
    assert status == 200
    assert "live-chart:drawn" in text


def test_the_landing_page_on_binder_lists_the_app(server: str) -> None:
    status, page = answer(f"{server}{BASE}voila/tree/notebooks")
    assert status == 200
    assert f'href="{BASE}voila/render/notebooks/planner.ipynb"' in page


def test_voila_on_binder_serves_no_file_of_the_repository(server: str) -> None:
    assert answer(f"{server}{BASE}voila/files/notebooks/planner.ipynb")[0] == 403


def test_the_wheel_carries_data_templates_notebooks_and_the_chart_script(checkout: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, "."]
    subprocess.run(build, cwd=checkout, check=True)
    (wheel,) = tmp_path.glob("modern_portfolio-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for expected in (
        r"planner/market/data/monthly_returns\.csv",
        r"planner/household/data/example_accounts\.csv",
        r"planner/jupyter_config/voila\.py",
        r"widgets/download\.js",
        r".*\.data/data/share/jupyter/labextensions/modern-portfolio/static/chart\.js",
        r".*\.data/data/share/jupyter/voila/templates/modern-portfolio/index\.html\.j2",
        r".*\.data/data/share/jupyter/voila/templates/modern-portfolio/static/modern-portfolio\.css",
        r".*\.data/data/share/modern-portfolio/notebooks/planner\.ipynb",
    ):
        assert any(re.fullmatch(expected, name) for name in names), expected
