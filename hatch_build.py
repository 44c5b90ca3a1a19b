"""Builds the chart script that the widgets load, from Vega as the installed vl-convert-python carries it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import vl_convert
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VIEW = (Path("widgets/numbers.js"), Path("widgets/live_chart.js"))
SCRIPT = Path("share/jupyter/labextensions/modern-portfolio/static/chart.js")
# The Vega-Lite that the app's Altair writes for.
VEGA_LITE = "6.4"


def build_chart_script(root: Path) -> Path:
    """Write the chart script below `root`, whole or not at all, as a server may be sending it; return its path."""
    script = root / SCRIPT
    script.parent.mkdir(parents=True, exist_ok=True)
    view = "".join((root / part).read_text(encoding="utf-8") for part in VIEW)
    bundle = vl_convert.javascript_bundle(view, vl_version=VEGA_LITE)
    beside = script.with_suffix(f".{os.getpid()}")
    beside.write_text(bundle, encoding="utf-8")
    beside.replace(script)
    return script


class ChartScriptHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        script = build_chart_script(Path(self.root))
        build_data["shared_data"][str(script)] = SCRIPT.as_posix()
