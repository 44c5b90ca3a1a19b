"""The presenting view: one scenario at a time in large type, with the controls that were pinned and no others."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as w
import traitlets

from planner.disclaimer import DISCLAIMER
from widgets import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from widgets.desk import Desk

KEYS = "Arrow keys or Page Up and Page Down change the scenario, Escape leaves."
PINNING = "Pin the controls you want at hand while you present."


class Keys(anywidget.AnyWidget):  # type: ignore[misc]
    """Hears the keyboard while ``listening``, and calls ``step`` with 1 or -1, or ``leave``."""

    _esm = Path(__file__).with_name("presenting.js").read_text(encoding="utf-8")
    listening = traitlets.Bool(False).tag(sync=True)

    def __init__(self, step: Callable[[int], None], leave: Callable[[], None]) -> None:
        super().__init__()
        self._step, self._leave = step, leave
        self.on_msg(self._heard)

    def _heard(self, _widget: object, message: Any, _buffers: object) -> None:
        if not isinstance(message, dict) or not self.listening:
            return
        if message.get("type") == "leave":
            self._leave()
        elif message.get("type") == "step" and message.get("places") in (1, -1):
            self._step(message["places"])


class Presenting(w.VBox):  # type: ignore[misc]
    """What a client sees on the wall: ``pictures`` of the plan, and those of the ``controls`` that are pinned.

    Both are widgets that stand elsewhere on the page too: what is moved here has moved there. ``on`` opens the view.
    """

    on = traitlets.Bool(False)

    def __init__(self, desk: Desk, pictures: list[w.Widget], controls: Mapping[str, w.Widget]) -> None:
        self.desk = desk
        self.controls = dict(controls)
        self.title = w.HTML()
        self.previous = _button("Previous", "chevron-left", lambda: desk.step(-1))
        self.next = _button("Next", "chevron-right", lambda: desk.step(1))
        self.leave = _button("Leave", "times", lambda: setattr(self, "on", False))
        self.pins = {name: w.Checkbox(False, description=name, indent=False) for name in controls}
        self.pinned = w.VBox()
        self.keyboard = Keys(desk.step, lambda: setattr(self, "on", False))
        for pin in self.pins.values():
            pin.observe(lambda _: self._show_pinned(), "value")
        head = w.HBox([self.title, self.previous, self.next, self.leave])
        head.add_class("pl-present-head")
        self.pinned.add_class("pl-present-pinned")
        choice = w.Accordion(
            [w.VBox([w.HTML(tables.muted(f"{PINNING} {KEYS}")), *self.pins.values()])], titles=("Pinned controls",)
        )
        pictured = w.GridBox(pictures)
        pictured.add_class("pl-present-pictures")
        foot = w.HTML(f"<p class='pl-muted'>{DISCLAIMER}</p>")
        super().__init__([head, self.pinned, pictured, choice, foot, self.keyboard])
        self.add_class("pl-present")
        self.layout.display = "none"
        desk.observe(lambda _: self._show_title(), ["names", "current"])
        self.observe(lambda _: self._opened(), "on")
        self._show_title()

    def _opened(self) -> None:
        self.layout.display = None if self.on else "none"
        self.keyboard.listening = self.on

    def _show_title(self) -> None:
        place, names = self.desk.current, self.desk.names
        several = len(names) > 1
        count = f" <small>{place + 1} of {len(names)}</small>" if several else ""
        self.title.value = f"<h1>{escape(names[min(place, len(names) - 1)])}{count}</h1>"
        self.previous.disabled = self.next.disabled = not several

    def _show_pinned(self) -> None:
        self.pinned.children = [self.controls[name] for name, pin in self.pins.items() if pin.value]


def _button(label: str, icon: str, act: Callable[[], object]) -> Any:
    button = w.Button(description=label, icon=icon, tooltip=label)
    button.on_click(lambda _: act())
    return button
