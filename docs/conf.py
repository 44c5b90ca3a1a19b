"""How the site is built: pages, docstrings and recorded notebooks, without anything from outside; `make docs`."""

from __future__ import annotations

import os
from argparse import _SubParsersAction
from inspect import signature
from typing import TYPE_CHECKING, Any
from unittest import mock

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml
from pygments.lexers.special import TextLexer
from sphinx.util.docutils import SphinxDirective

import planner
import widgets
from planner.cli import _parser

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

project = "modern-portfolio"
version = release = planner.__version__
language = "en"
html_title = "modern-portfolio"

extensions = ["sphinx.ext.autodoc", "myst_nb"]
root_doc = "docs/index"
include_patterns = ["docs/**", "notebooks/[01]*.ipynb", "CHANGELOG.md", "CONTRIBUTING.md"]
exclude_patterns = [".*", "build", "planner", "widgets", "tests", "share", "binder", "**/.ipynb_checkpoints"]

html_theme = "furo"
html_extra_path = ["front"]
html_static_path = ["style"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_math_renderer = "mathml"

nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, Any] = {}
nb_merge_streams = True
# Dollars are money here: a formula is a fenced block named math, as GitHub reads it too.
myst_fence_as_directive = ["math"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100


FIRST_WIDGETS = ("PlannerApp", "Session")
HELP_COLUMNS = "96"


class PublicNames(SphinxDirective):
    """The docstrings of all public names of one part of the package: `.. public:: market`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Document each name as the package exports it."""
        part = self.arguments[0]
        lines = []
        for home, names in planner._HOMES.items():
            if home.split(".")[1] == part:
                lines += [entry for name in names for entry in _entry(name)]
        if not lines:
            raise self.error(f"The package exports nothing of planner.{part}.")
        return self.parse_text_to_nodes("\n".join(lines))


class PublicWidgets(SphinxDirective):
    """The docstrings of all widgets, with their own traits and methods: `.. widgets::`."""

    def run(self) -> list[nodes.Node]:
        """Document each name as the package exports it."""
        lines = []
        for name in sorted(widgets.__all__, key=lambda name: (name not in FIRST_WIDGETS, name)):
            lines.append(f".. autoclass:: widgets.{name}{_taken(getattr(widgets, name))}")
            lines += ["   :members:", ""] if name in FIRST_WIDGETS else [""]
        return self.parse_text_to_nodes("\n".join(lines))


def _taken(widget: type) -> str:
    """What a widget is made from: its class has the signature of any widget, its `__init__` its own."""
    own = signature(widget.__init__)
    taken = own.replace(parameters=list(own.parameters.values())[1:], return_annotation=own.empty)
    return str(taken).replace(repr(planner.EXAMPLE), "planner.EXAMPLE").replace("'", "")


class Commands(SphinxDirective):
    """What `planner --help` and every sub-command's say: `.. commands::`."""

    def run(self) -> list[nodes.Node]:
        """Print each help text as the shell does, under a heading of its own."""
        parser = _parser()
        (commands,) = (action for action in parser._actions if isinstance(action, _SubParsersAction))
        parts = {"planner": parser} | {f"planner {name}": each for name, each in commands.choices.items()}
        lines = []
        with mock.patch.dict(os.environ, COLUMNS=HELP_COLUMNS):
            for name, part in parts.items():
                shown = ["   " + line for line in part.format_help().splitlines()]
                lines += [name, "-" * len(name), "", ".. code-block:: text", "", *shown, ""]
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def _entry(name: str) -> list[str]:
    thing = getattr(planner, name)
    if isinstance(thing, type):
        return [f".. autoclass:: planner.{name}", "   :members:", "   :exclude-members: model_config", ""]
    return [f".. {'autofunction' if callable(thing) else 'autodata'}:: planner.{name}", ""]


def _inline(writer: Any, node: Any) -> None:
    writer.body.append(tex2mathml(node.astext()))
    raise SkipNode


def _block(writer: Any, node: Any) -> None:
    writer.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise SkipNode


def setup(app: Sphinx) -> None:
    """Add what Sphinx lacks: MathML, which browsers read without a script, and lists of public names."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.add_lexer("csv", TextLexer)
    app.add_directive("public", PublicNames)
    app.add_directive("widgets", PublicWidgets)
    app.add_directive("commands", Commands)
