"""Read by Voila wherever JUPYTER_CONFIG_PATH names this folder; the settings live in planner.app_server."""

from traitlets.config import Config

from planner.app_server import voila_settings

get_config().merge(Config(voila_settings()))  # type: ignore[name-defined]  # noqa: F821
