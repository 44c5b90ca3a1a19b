"""The scenarios on the desk: undone and done again, kept in a store, and changed with a reason. No widgets here."""

from __future__ import annotations

import datetime as dt
import os
import re
import time
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from traitlets import Any as AnyTrait
from traitlets import Bool, HasTraits, Int, Unicode

from planner.errors import InputError
from planner.facts import differences, scenario_facts
from planner.policy.journal import Change, Journal
from planner.reports.blocks import Letterhead
from planner.scenario import Scenario
from widgets.runner import AtRest, sentence_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planner.policy.journal import Entry
    from planner.reviewing import Review
    from planner.store import Client, KeptReview, Saved, Store
    from widgets.session import Session

ONE_STEP_SECONDS = 1.5
"""Changes of the same fields that follow each other this closely are undone together: a drag of a slider. Ours."""

MOST_STEPS = 200
MOST_SCENARIOS = 12
"""More than anyone undoes, and than anyone lays side by side. Ours."""

STORE_VARIABLE, NO_STORE = "MODERN_PORTFOLIO_STORE", "none"
"""Set to this where a page is served to others, who must not see each other's households."""

BINDER_VARIABLES = ("BINDER_LAUNCH_HOST", "BINDER_REQUEST", "BINDER_REPO_URL")
"""What BinderHub sets in the containers it starts."""

IN_BINDER = (
    "This page runs in Binder, which forgets everything when it is closed: nothing can be kept here. Save the scenario "
    "as a file, and open the file the next time."
)
SWITCHED_OFF = "Keeping households is switched off here. Save the scenario as a file instead."
NOT_KEPT = "Not kept: save the household, or it is gone with this page."


@dataclass
class Sheet:
    """One scenario on the desk, what undo and redo lead to, and how it was last kept."""

    scenario: Scenario
    past: list[Scenario] = field(default_factory=list)
    future: list[Scenario] = field(default_factory=list)
    saved: Saved | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the store has it as it is; with which data it was planned does not count."""
        return self.saved is not None and self.saved.scenario.with_changes(made_with=None) == self.scenario


def _in_words(act: Callable[..., None]) -> Callable[..., None]:
    """What goes wrong is said in ``problem``; the page stays alive."""

    @wraps(act)
    def guarded(self: Desk, *args: Any, **named: Any) -> None:
        self.problem = ""
        try:
            act(self, *args, **named)
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says a sentence and stays alive
            self.problem = sentence_for(error)
        self._tell()

    return guarded


class Desk(HasTraits):  # type: ignore[misc]
    """Scenarios of one household, one of them in the session's hands; ``others`` lie beside it from the start.

    ``scenarios`` are all of them, ``names`` theirs, and ``current`` is the place of the open one. ``household`` is the
    store's once it is kept; from then on each change is saved by itself. ``journal`` holds what was changed with a
    reason, ``policy`` the scenario as the last entry left it, None before the first, and ``own_text`` the adviser's
    text of the policy statement by section. ``people`` and ``letterhead`` say for whom papers are and who hands them
    over; they last as long as the page. ``conflict`` is what another desk wrote meanwhile. ``state`` says how
    things stand, ``problem`` what went wrong, in words.
    """

    scenarios = AnyTrait(())
    names = AnyTrait(())
    current = Int(0)
    can_undo = Bool(False)
    can_redo = Bool(False)
    household = AnyTrait(None, allow_none=True)
    journal = AnyTrait(Journal())
    policy = AnyTrait(None, allow_none=True)
    own_text = AnyTrait({})
    people = AnyTrait(())
    letterhead = AnyTrait(Letterhead())
    conflict = AnyTrait(None, allow_none=True)
    state = Unicode(NOT_KEPT)
    problem = Unicode("")

    def __init__(
        self, session: Session, open_store: Callable[[], Store] | None = None, others: Sequence[Scenario] = ()
    ) -> None:
        super().__init__()
        self.session = session
        self.sheets = [Sheet(session.scenario)]
        for scenario in others:
            self._lay(scenario)
        self._open_store = open_store or _default_store
        self._store: Store | None = None
        self._at_rest = AtRest()
        self._jumping = False
        self._last: tuple[frozenset[str], float] = (frozenset(), 0.0)
        session.observe(lambda change: self._changed(change.old), "scenario")
        self._tell()

    @property
    def sheet(self) -> Sheet:
        """The open one."""
        return self.sheets[int(self.current)]

    @property
    def store(self) -> Store:
        """The store, opened when first needed; InputError where nothing can be kept."""
        if self._store is None:
            self._store = self._open_store()
        return self._store

    @_in_words
    def undo(self) -> None:
        """Take back the last change."""
        if self.sheet.past:
            self.sheet.future.append(self.sheet.scenario)
            self._jump(self.sheet.past.pop())

    @_in_words
    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self.sheet.future:
            self.sheet.past.append(self.sheet.scenario)
            self._jump(self.sheet.future.pop())

    @_in_words
    def choose(self, place: int) -> None:
        """Open another scenario of the desk."""
        if place != self.current:
            self._save()
            self._lay_open(place)

    def step(self, places: int) -> None:
        """Open the next scenario, or the one before, in a circle."""
        self.choose((self.current + places) % len(self.sheets))

    @_in_words
    def rename(self, name: str) -> None:
        """Give the open scenario another name, its own on this desk."""
        if name != self.sheet.scenario.name:
            self.session.scenario = self.session.scenario.with_changes(name=self._own_name(name, self.sheet))

    @_in_words
    def duplicate(self) -> None:
        """Lay a copy of the open scenario on the desk and open it."""
        self._add(self.sheet.scenario)

    @_in_words
    def take(self, name: str, content: bytes) -> None:
        """Open a scenario from a file's content."""
        try:
            found = Scenario.model_validate_json(content.removeprefix(BOM_UTF8))
        except InputError as error:
            raise InputError(f"{name}: {error}") from error
        self._add(found)

    @_in_words
    def remove(self) -> None:
        """Take the open scenario off the desk; the store keeps it as deleted."""
        if len(self.sheets) == 1:
            raise InputError("This is the only scenario of the household: there is none to open in its place.")
        if self.sheet.saved is not None:
            self.store.delete(self.sheet.saved)
        del self.sheets[self.current]
        self._lay_open(min(self.current, len(self.sheets) - 1))

    def clients(self) -> tuple[Client, ...]:
        """The households in the store; none where it cannot be read, and ``problem`` says why."""
        found: list[Client] = []
        self._listed(found)
        return tuple(found)

    @_in_words
    def _listed(self, found: list[Client]) -> None:
        found += self.store.households()

    @_in_words
    def keep(self, name: str) -> None:
        """Keep the household under a name, with all scenarios on the desk and the journal."""
        documents = [self._document(sheet) for sheet in self.sheets]
        client, kept = self.store.move_in(name, documents, self.journal, self.policy, self.own_text)
        for sheet, saved in zip(self.sheets, kept, strict=True):
            sheet.saved = saved
        self.household = client

    @_in_words
    def open(self, client: Client) -> None:
        """Open a kept household in place of what is on the desk; what cannot be read is left out, in words."""
        self._save()
        sheets, unread = [], []
        for listed in self.store.scenarios(client.id)[:MOST_SCENARIOS]:
            try:
                saved = self.store.read(listed.id)
            except InputError as error:
                unread.append(str(error))
            else:
                sheets.append(Sheet(saved.scenario.with_changes(made_with=None), saved=saved))
        if not sheets:
            raise InputError(" ".join([f"'{client.name}' has no scenario that can be opened.", *unread]))
        self.journal, self.policy = self.store.journal(client.id), self.store.policy(client.id)
        self.own_text = self.store.statement_texts(client.id)
        self.sheets, self.household, self.conflict = sheets, client, None
        self._lay_open(0)
        self.problem = " ".join(unread)

    def pending(self) -> tuple[Change, ...]:
        """What differs from the policy as the journal's last entry left it; all of the targets before the first."""
        universe, scenario = self.session.universe, self.session.scenario
        if self.policy is None:
            facts = scenario_facts(scenario, universe)["targets"]
            return tuple(Change(item="targets", field=name, before="", after=said) for name, said in facts.items())
        return tuple(Change(**each._asdict()) for each in differences(self.policy, scenario, universe))

    @_in_words
    def record(self, author: str, reason: str) -> None:
        """Write what was changed into the journal; from here on the open scenario is the policy."""
        journal = self.journal.written(self.pending(), author, reason)
        self._save(journal.entries[-1])
        if self.conflict is None:
            self.journal, self.policy = journal, self.session.scenario

    @_in_words
    def write(self, section: str, text: str) -> None:
        """Put the adviser's own text into a section of the policy statement."""
        before = self.own_text.get(section, "")
        if text == before:
            return
        if self.household is not None:
            self.store.write_statement_text(self.household.id, section, text, before)
        rest = {name: own for name, own in self.own_text.items() if name != section}
        self.own_text = {**rest, section: text} if text.strip() else rest

    @_in_words
    def keep_review(self, review: Review) -> None:
        """Keep a review with the household, as it is on its day."""
        if self.household is not None:
            self.store.keep_review(self.household.id, review)

    def reviews(self) -> tuple[KeptReview, ...]:
        """The kept reviews, the earliest first; none where the household is not kept or the store cannot be read."""
        found: list[KeptReview] = []
        self._listed_reviews(found)
        return tuple(found)

    @_in_words
    def _listed_reviews(self, found: list[KeptReview]) -> None:
        if self.household is not None:
            found += self.store.reviews(self.household.id)

    @_in_words
    def take_theirs(self) -> None:
        """After a conflict: open what the other desk wrote; undo leads back to what was here."""
        theirs = self.conflict.stored
        self.conflict, self.sheet.saved = None, theirs
        self.sheet.past.append(self.sheet.scenario)
        self._jump(theirs.scenario.with_changes(made_with=None))

    @_in_words
    def keep_mine(self) -> None:
        """After a conflict: put what is here over what the other desk wrote."""
        self.sheet.saved, self.conflict = self.conflict.stored, None
        self._save()

    def text_of(self) -> str:
        """The open scenario as the file to save, with the fingerprint of what it was planned with."""
        return str(self._document(self.sheet).model_dump_json(indent=2))

    def _document(self, sheet: Sheet) -> Scenario:
        plan = self.session.plan
        return sheet.scenario if plan is None else sheet.scenario.with_changes(made_with=plan.fingerprint)

    def _changed(self, old: Scenario) -> None:
        """Remember where the session came from, and keep where it is now once the page rests."""
        if self._jumping:
            return
        sheet, new, now = self.sheet, self.session.scenario, time.monotonic()
        fields = frozenset(name for name in Scenario.model_fields if getattr(old, name) != getattr(new, name))
        last, at = self._last
        self._last = fields, now
        if fields != last or now - at > ONE_STEP_SECONDS or not sheet.past:
            sheet.past = [*sheet.past, old][-MOST_STEPS:]
        sheet.scenario, sheet.future = new, []
        self._tell()
        self._at_rest.call(self._keep_up)

    @_in_words
    def _keep_up(self) -> None:
        self._save()

    def _save(self, entry: Entry | None = None) -> None:
        """Keep the open scenario where it has changed, and an entry of the journal with it; both or neither."""
        sheet = self.sheet
        if self.household is None or self.conflict is not None or (entry is None and sheet.is_kept):
            return
        from planner.store import Conflict

        try:
            document = self._document(sheet)
            if sheet.saved is None:
                sheet.saved = self.store.add(self.household.id, document, entry)
            else:
                sheet.saved = self.store.save(sheet.saved, document, entry)
        except Conflict as conflict:
            if conflict.stored is None:  # the journal went on: there is nothing of this scenario to choose from
                raise
            self.conflict = conflict

    def _add(self, scenario: Scenario) -> None:
        self._lay(scenario)
        self._lay_open(len(self.sheets) - 1)
        self._save()

    def _lay(self, scenario: Scenario) -> None:
        if len(self.sheets) == MOST_SCENARIOS:
            raise InputError(f"There are {MOST_SCENARIOS} scenarios on the desk, the most it holds: remove one.")
        plain = scenario.with_changes(name=self._own_name(scenario.name), made_with=None)
        self.sheets.append(Sheet(plain))

    def _own_name(self, name: str, itself: Sheet | None = None) -> str:
        """The name, with a number behind it where another scenario of the desk has it."""
        taken = {sheet.scenario.name for sheet in self.sheets if sheet is not itself}
        stem = re.sub(r" \(\d+\)$", "", name)[:190]
        numbered = (f"{stem} ({number})" for number in range(2, MOST_SCENARIOS + 2))
        return name if name not in taken else next(each for each in numbered if each not in taken)

    def _lay_open(self, place: int) -> None:
        self.current = place
        self._jump(self.sheets[place].scenario)

    def _jump(self, scenario: Scenario) -> None:
        """Put a scenario into the session's hands; a control may lower what its profile does not support."""
        self._jumping, self._last = True, (frozenset(), 0.0)
        try:
            self.session.scenario = scenario
        finally:
            self._jumping = False
        self.sheet.scenario = self.session.scenario
        self._at_rest.call(self._keep_up)

    def _tell(self) -> None:
        self.scenarios = tuple(sheet.scenario for sheet in self.sheets)
        self.names = tuple(scenario.name for scenario in self.scenarios)
        self.can_undo, self.can_redo = bool(self.sheet.past), bool(self.sheet.future)
        if self.household is None:
            self.state = NOT_KEPT
        elif self.sheet.is_kept and self.sheet.saved is not None:
            at = self.sheet.saved.saved.astimezone(dt.datetime.now().astimezone().tzinfo)
            self.state = f"Kept in '{self.household.name}' at {at:%H:%M:%S}."
        else:
            self.state = f"Not yet kept in '{self.household.name}'."


def _default_store() -> Store:
    """The store of this computer; InputError where there is no disk to trust, or keeping is switched off."""
    if any(name in os.environ for name in BINDER_VARIABLES):
        raise InputError(IN_BINDER)
    if os.environ.get(STORE_VARIABLE) == NO_STORE:
        raise InputError(SWITCHED_OFF)
    from planner.store import Store

    return Store.open()
