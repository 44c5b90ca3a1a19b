"""The parts of the page one at a time: a strip of tabs, and panels that are made when they are first opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as w
import traitlets

from widgets import tables
from widgets.reader import Reader
from widgets.runner import sentence_for
from widgets.theme import STYLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from widgets.session import Session

OPENING = "<p role='status'>Opening …</p>"


@dataclass(frozen=True)
class Tab:
    """One part of the page: what stands on its tab, and what makes its panel when it is first opened."""

    name: str
    make: Callable[[], w.Widget]


class TabStrip(anywidget.AnyWidget):  # type: ignore[misc]
    """The row of tabs; ``chosen`` is the place of the open one. The panels it labels stand beside it on the page.

    The tabs of ipywidgets give their panels no role and no name, and make the views of all of them at once.
    """

    _esm = Path(__file__).with_name("tabs.js").read_text(encoding="utf-8")

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(0, min=0).tag(sync=True)


class Panel(w.VBox):  # type: ignore[misc]
    """A part of the page that can stand in a cell of its own: shown alone, it brings the page's style."""

    session: Session
    children: tuple[w.Widget, ...]
    _alone = False

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if not self._alone:
            self._alone = True
            self.add_class("pl-app")
            self.children = (*self.children, w.HTML(f"<style>{STYLE}</style>"), Reader())
            self.session.page_is_there()
        return super()._repr_mimebundle_(**kwargs)


class TabPanel(Panel):
    """A panel that follows the session while it is shown; what it missed while hidden it does when shown again.

    Alone in a cell it is shown; inside other boxes, whoever made them sets ``showing``.
    """

    showing = traitlets.Bool(False)

    def __init__(self, session: Session, children: Sequence[w.Widget] = ()) -> None:
        self.session = session
        self._missed: dict[Callable[[], None], None] = {}
        super().__init__(children)
        self.observe(lambda _: self._catch_up(), "showing")

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self.showing = True
        return super()._repr_mimebundle_(**kwargs)

    def follow(self, names: str | list[str], then: Callable[[], None]) -> None:
        """Call ``then`` when the panel is first shown, and again after each change of these traits of the session."""
        self.session.observe(lambda _: self.when_shown(then), names)
        self.when_shown(then)

    def when_shown(self, then: Callable[[], None]) -> None:
        """Call ``then`` now, or once when the panel is next shown, however often it was to be called before."""
        self._missed[then] = None
        self._catch_up()

    def _catch_up(self) -> None:
        while self.showing and self._missed:
            then = next(iter(self._missed))
            del self._missed[then]
            then()


class Tabs(w.VBox):  # type: ignore[misc]
    """Tabs and their panels, the first of which is made at once and the others when they are first opened.

    ``panels`` holds what has been made, by name. ``when_ready`` puts the making off until the page can do it. A
    ``TabPanel`` is told whether it is shown, and so are tabs within a tab, which begin hidden (``showing`` false).
    """

    showing = traitlets.Bool(True)

    def __init__(
        self, tabs: Sequence[Tab], when_ready: Callable[[Callable[[], None]], None], *, showing: bool = True
    ) -> None:
        self._tabs, self._when_ready = tuple(tabs), when_ready
        self.panels: dict[str, w.Widget] = {}
        self.strip = TabStrip(names=[tab.name for tab in tabs])
        self.strip.layout.display = None if len(self._tabs) > 1 else "none"
        self._frames = [w.VBox() for _ in tabs]
        for frame in self._frames:
            frame.add_class("pl-tab-panel")
        super().__init__([self.strip, *self._frames], showing=showing)
        self.add_class("pl-tabs")
        self._open(0)
        self._show()
        self.strip.observe(lambda _: self._show(), "chosen")
        self.observe(lambda _: self._tell(self.strip.chosen), "showing")

    def choose(self, name: str) -> None:
        """Open a tab, as a click on it does."""
        self.strip.chosen = self.strip.names.index(name)

    def _show(self) -> None:
        chosen = self.strip.chosen
        for place, frame in enumerate(self._frames):
            frame.layout.display = None if place == chosen else "none"
            if place != chosen:
                self._tell(place)
        if self._tabs[chosen].name in self.panels:
            self._open(chosen)
        else:
            self._frames[chosen].children = [w.HTML(OPENING)]
            self._when_ready(lambda: self._open(chosen))

    def _open(self, place: int) -> None:
        """Make the panel where there is none yet, and show it where its tab is still the open one."""
        tab, frame = self._tabs[place], self._frames[place]
        said = []
        try:
            if tab.name not in self.panels:
                self.panels[tab.name] = tab.make()
            self._tell(place)
        except Exception as error:  # noqa: BLE001 - the other tabs stay; this one is tried again when opened again
            said = [w.HTML(tables.blockers([sentence_for(error)]))]
        frame.children = [*said, *([self.panels[tab.name]] if tab.name in self.panels else [])]

    def _tell(self, place: int) -> None:
        """Tell a panel that there is whether it is shown."""
        panel = self.panels.get(self._tabs[place].name)
        if isinstance(panel, TabPanel | Tabs):
            panel.showing = self.showing and place == self.strip.chosen
