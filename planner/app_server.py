"""The one home of how the app is served: Voila and JupyterLab with our template, on this machine only."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from planner.errors import InputError
from planner.gallery import cards, has_notebooks

PACKAGE = Path(__file__).resolve().parent
# Where Voila finds our settings once JUPYTER_CONFIG_PATH names it.
JUPYTER_CONFIG = PACKAGE / "jupyter_config"
TEMPLATE = "modern-portfolio"
ADDRESS = "127.0.0.1"
APP_PORT = 8866
LAB_PORT = 8888
# What our widgets need of JupyterLab's extensions: each further one that is installed costs start time.
LAB_EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget")
# Whose files the app's server hands out: those, and our charts.
SERVED_EXTENSIONS = (*LAB_EXTENSIONS, TEMPLATE)
# A page that is closed in order ends its kernel; one that just goes away leaves it behind. What no page is connected to
# for this long is ended, so that it is gone within a minute.
CULL_IDLE_SECONDS = 45
CULL_EVERY_SECONDS = 5
# How often Jupyter looks whether a kernel is still alive. An ended one is not replaced: the page holds what it held.
ALIVE_EVERY_SECONDS = 1.0
# Pages served at once unless told otherwise: about a quarter of a gigabyte each.
PLACES = 24
# Cells with this tag are for readers of the notebook and its tests: the app neither runs nor shows them.
NOT_IN_APP = "not-in-app"


def notebooks_folder() -> Path:
    """Return where the project's notebooks are: in the checkout, or where the installed package put them."""
    places = (PACKAGE.parent / "notebooks", Path(sys.prefix) / "share" / TEMPLATE / "notebooks")
    for place in places:
        if has_notebooks(place):
            return place
    raise InputError(
        "The app's notebooks were not found, neither in a checkout nor in this Python environment. "
        "Install modern-portfolio again, or name a notebook of your own."
    )


def serve(
    notebook: Path | None = None,
    port: int = APP_PORT,
    open_browser: bool = True,
    warm_kernels: int = 0,
    places: int = PLACES,
    public_url: str | None = None,
) -> None:
    """Serve a notebook as an app with Voila until interrupted; the log names its address.

    `notebook` is a file, shown first with the other notebooks of its folder one click away, or a folder, whose
    landing page is shown; by default the main app. When `port` is taken, a free one near it is used.
    `warm_kernels` keeps that many started kernels ready per notebook: the page comes sooner, the memory is held.
    At most `places` pages are open at once; whoever comes then is told so. Only this machine can
    connect; behind a proxy, `public_url` is the address that visitors use, such as "https://example.com/plan/".
    """
    address, base_url, names = public_place(public_url)
    opened = _existing(notebook or notebooks_folder() / "planner.ipynb")
    folder = opened if opened.is_dir() else opened.parent
    page = "" if opened.is_dir() else f"voila/render/{opened.name}"
    prepare_environment()
    from voila.app import Voila

    from planner.app_kernels import PageHandler
    from planner.app_safety import guard, rules

    class App(Voila):  # type: ignore[misc]
        """Voila that shows one page of the folder first, and no more pages at once than there are places."""

        @property
        def display_url(self) -> str:
            return f"{address or f'http://{self.ip}:{self.port}'}{self.base_url}{page}"

        def launch_browser(self) -> None:
            threading.Thread(target=webbrowser.open, args=(self.display_url,), daemon=True).start()

        def init_handlers(self) -> list[Any]:
            return rules(self, SERVED_EXTENSIONS, names, (PageHandler, {"places": places}))

        def listen(self) -> None:
            guard(self.app)
            super().listen()

    App.launch_instance(
        argv=[
            str(folder),
            f"--port={port}",
            f"--base_url={base_url}",
            f"--Voila.ip={ADDRESS}",
            f"--Voila.open_browser={open_browser and _has_browser()}",
            f"--preheat_kernel={warm_kernels > 0}",
            f"--pool_size={warm_kernels}",
        ]
    )


def lab(folder: Path | None = None, port: int = LAB_PORT, open_browser: bool = True) -> None:
    """Open JupyterLab on a folder of notebooks, by default the project's, until interrupted."""
    opened = _existing(folder or notebooks_folder())
    prepare_environment()
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(
        argv=[
            str(opened),
            f"--ip={ADDRESS}",
            f"--port={port}",
            f"--ServerApp.open_browser={open_browser and _has_browser()}",
            "--allow-root",  # in containers; only this machine can connect, and only with the token
            "--LabApp.extension_manager=readonly",  # its catalogue would be fetched from another host
        ]
    )


def prepare_environment() -> None:
    """Let Jupyter find our Voila settings and, in a checkout, our template as it is being edited."""
    _prepend("JUPYTER_CONFIG_PATH", JUPYTER_CONFIG)
    shared = PACKAGE.parent / "share" / "jupyter"
    if (shared / "voila" / "templates" / TEMPLATE).is_dir():
        _prepend("JUPYTER_PATH", shared)


def voila_settings() -> dict[str, dict[str, Any]]:
    """Return Voila's configuration, the same standalone, beside JupyterLab and on Binder."""
    return {
        "VoilaConfiguration": {
            "template": TEMPLATE,
            "allow_template_override": "NO",
            "allow_theme_override": "NOTEBOOK",
            "strip_sources": True,
            "classic_tree": True,
            "file_allowlist": [],
            "extension_allowlist": list(LAB_EXTENSIONS),
            "show_tracebacks": False,
            "page_config_hook": _describe_page,
            "multi_kernel_manager_class": "planner.app_kernels.PageKernels",
        },
        "MappingKernelManager": {
            "cull_idle_timeout": CULL_IDLE_SECONDS,
            "cull_interval": CULL_EVERY_SECONDS,
        },
        "KernelRestarter": {"time_to_dead": ALIVE_EVERY_SECONDS, "restart_limit": 0},
        **page_settings(),
    }


def page_settings() -> dict[str, dict[str, Any]]:
    """Return the part of the configuration that Voila, run inside Jupyter Server, takes from the server's own."""
    return {
        "VoilaExporter": {"TagRemovePreprocessor": {"enabled": True, "remove_cell_tags": {NOT_IN_APP}}},
    }


def _describe_page(
    current_page_config: dict[str, Any], *, base_url: str, settings: dict[str, Any], notebook_path: str, **_: Any
) -> dict[str, Any]:
    """Give the landing page its cards, and every other page the address of its landing page and its policy."""
    from planner.app_safety import PAGE_POLICY

    root = Path(settings["contents_manager"].root_dir)
    place = root / notebook_path.strip("/")
    if place.is_dir():
        current_page_config["cards"] = [asdict(card) for card in cards(place)]
        current_page_config["folders"] = [folder.name for folder in place.iterdir() if has_notebooks(folder)]
        return current_page_config
    parent = Path(notebook_path).parent.as_posix()
    current_page_config["landingPage"] = f"{base_url}voila/tree/" + ("" if parent == "." else parent)
    current_page_config["pagePolicy"] = PAGE_POLICY
    return current_page_config


def public_place(url: str | None) -> tuple[str, str, tuple[str, ...]]:
    """Return scheme and host, path, and the names that visitors ask for, of the address a proxy stands at."""
    if url is None:
        return "", "/", ()
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise InputError(
            f"'{url}' is no public address. Write it as in https://example.com/ or https://example.com/plan/."
        )
    return f"{parts.scheme}://{parts.netloc}", f"/{parts.path.strip('/')}/".replace("//", "/"), (parts.hostname,)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"There is no notebook or folder at {path}. Check the path, or leave it out for the app.")
    return path.resolve()


def _prepend(variable: str, path: Path) -> None:
    rest = os.environ.get(variable)
    os.environ[variable] = str(path) if not rest else f"{path}{os.pathsep}{rest}"


def _has_browser() -> bool:
    """Say whether a window can be opened; a text browser would take the terminal over."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
