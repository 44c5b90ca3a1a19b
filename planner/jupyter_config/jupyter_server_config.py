"""Read by Jupyter Server where JUPYTER_CONFIG_PATH names this folder; the settings live in planner.app_server."""

from traitlets.config import Config

from planner.app_server import page_settings

get_config().merge(Config(page_settings()))  # type: ignore[name-defined]  # noqa: F821
