"""Where to trade: what rules a venue out, the reader's own ratings, their ranking, and what to ask before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from traitlets import Instance

from planner.errors import InputError
from planner.trading.venue_scores import BEST_RATING, Ratings, rank
from planner.trading.venues import (
    Client,
    Custody,
    Fit,
    Instrument,
    Region,
    Requirements,
    VenueKind,
    as_of,
    decision_guide,
    fitting,
    venues,
)
from widgets import tables, trade_tables, venue_tables
from widgets.csv_files import LARGEST_FILE_BYTES
from widgets.download import DownloadButton, Mime
from widgets.panels.criteria import CriteriaPanel
from widgets.panels.diligence import DiligencePanel
from widgets.runner import sentence_for
from widgets.table_editor import TableEditor
from widgets.tabs import TabPanel
from widgets.upload import UploadButton
from widgets.venue_rows import COLUMNS, from_csv, ratings_of, rows_of, to_csv

if TYPE_CHECKING:
    from widgets.session import Session

STYLE = {"description_width": "98px"}
LAYOUT = {"width": "252px", "max_width": "100%"}
ANY = "Any"
FILTERS: dict[str, tuple[str, list[tuple[str, Any]]]] = {
    "kind": ("What it is", [("A derivatives venue", VenueKind.DERIVATIVES), ("An OTC desk", VenueKind.OTC)]),
    "region": (
        "You live in",
        [("The United States", Region.UNITED_STATES), ("Europe", Region.EUROPE), ("Elsewhere", Region.ELSEWHERE)],
    ),
    "client": ("You are", [("A private person", Client.PRIVATE), ("An institution", Client.INSTITUTION)]),
    "instrument": ("You trade", [(str(one).capitalize(), one) for one in Instrument]),
    "custody": (
        "Assets kept by",
        [("You, with own keys", Custody.SELF), ("The venue", Custody.VENUE), ("A broker", Custody.BROKER)],
    ),
}
"""Field of the requirements, its words, and what there is to choose."""
MEANING = (
    "Facts as of {month}. Where you live, who you are and what you trade are no matter of taste: a venue that does not "
    "serve you has no score. Open a venue to read what is known of it."
)
RULED_OUT = "Ruled out, and why: {number}"
CAVEAT = (
    "The facts come from two surveys, and change: check each with the venue itself. Nothing here is a "
    "recommendation. Derivatives can lose more than was put in, and a venue can fail with your money in it; most "
    "households need neither."
)
WORDS = {
    "Future": "A trade agreed today, at a price fixed today, and made later.",
    "Perpetual, perp": "A future without an end; buyers and sellers pay each other to keep it near the market price.",
    "Option": "The right to buy or sell at a fixed price, for which one pays.",
    "Spot block": "A large purchase or sale of the coins themselves.",
    "OTC desk": "A dealer for large trades, away from the public market.",
    "RFQ": "Asking a dealer for the price of one trade.",
    "CFD, NDF": "Contracts that pay the change of a price, without the coins.",
    "KYC": "Proof of who you are, which the venue asks for.",
    "FCM": "The broker through whom futures are traded in the United States.",
    "Gas": "What the network charges to record a trade.",
}
BEGIN = (
    "Names by use, from the same surveys: where to begin looking, not where to end. Ruled out above: struck through."
)
RATE = (
    f"From 0 (worst) to {BEST_RATING:g}, for the venues that are not ruled out. Click a cell and type; leave empty "
    "what you do not know: a venue without all the ratings that count is unrated, and nothing is guessed. Your "
    "ratings stay on this page; save them to keep them."
)
RANKED = "Your ratings by your weights. A score is an opinion with a decimal point."
SENSITIVE = (
    "Each weight is moved alone, the others keeping their proportions. The ranking also says under what part of all "
    "possible weights each venue comes first: half of them is a matter of taste."
)


class VenuesPanel(TabPanel):
    """The view Where to trade: facts and filters, ratings, weights, ranking, checklist.

    ``ratings`` are the reader's own, a ``Ratings``, to observe and to set; ``diligence.answered`` is what was ticked.
    """

    ratings = Instance(Ratings, ())

    def __init__(self, session: Session) -> None:
        self.filters = {field: _dropdown(words, options) for field, (words, options) in FILTERS.items()}
        self.listed, self.ruled_out, self.guide = w.HTML(), w.HTML(), w.HTML()
        self.fold = w.Accordion([self.ruled_out])
        self.table = TableEditor(COLUMNS, label="Your ratings of venues", growing=False)
        self.table.add_class("pl-ratings")
        self.upload = UploadButton("Upload ratings", self._uploaded, accept=".csv", most_bytes=LARGEST_FILE_BYTES)
        self.save = DownloadButton("Ratings (CSV)", self.ratings_csv, filename="venue-ratings.csv", mime=Mime.CSV)
        self.problem, self.ranking, self.reach = w.HTML(), w.HTML(), w.HTML()
        self.criteria = CriteriaPanel()
        self.diligence = DiligencePanel([one.name for one in venues()])
        super().__init__(session, self._cards())
        self.add_class("pl-stack")
        for dropdown in self.filters.values():
            dropdown.observe(lambda _: self.when_shown(self._filter), "value")
        self.table.observe(lambda _: self._typed(), "rows")
        self.observe(lambda _: self.when_shown(self._rated), "ratings")
        self.criteria.observe(lambda _: self.when_shown(self._rank), "weights")
        self.when_shown(self._filter)

    def _cards(self) -> list[Any]:
        month = dt.date.fromisoformat(f"{as_of()}-01")
        filters, files = w.HBox([*self.filters.values()]), w.HBox([self.save, self.upload])
        for row in (filters, files):
            row.add_class("pl-row")
        files.add_class("pl-files")
        pair = w.HBox([self.criteria, _card("The ranking", RANKED, self.ranking)])
        pair.add_class("pl-two")
        return [
            _card(
                "Which venues serve you",
                MEANING.format(month=f"{month:%B %Y}"),
                filters,
                w.HTML(venue_tables.words(WORDS)),
                self.listed,
                self.fold,
                w.HTML(tables.muted(CAVEAT)),
            ),
            _card("Where to begin", BEGIN, self.guide),
            _card("Your ratings", RATE, self.table, files, self.problem),
            pair,
            _card("How much of that is the weights?", SENSITIVE, self.reach),
            self.diligence,
        ]

    @property
    def requirements(self) -> Requirements:
        """What the filters ask for."""
        return Requirements(**{field: dropdown.value for field, dropdown in self.filters.items()})

    def ratings_csv(self) -> str:
        """The ratings of all venues as CSV."""
        return to_csv(self.ratings, [one.name for one in venues()])

    def _filter(self) -> None:
        """Show which venues serve the reader, and let those be rated."""
        self._fits = fitting(self.requirements)
        out = [one for one in venues() if one.name not in self._open]
        self.listed.value = venue_tables.found(venues(), self._fits)
        self.ruled_out.value = venue_tables.listed(out, self._fits)
        self.fold.titles = (RULED_OUT.format(number=len(out)),)
        self.fold.layout.display = None if out else "none"
        self.guide.value = venue_tables.guide(decision_guide(), self._fits)
        self.diligence.offer(self._open)
        self._rated()

    @property
    def _open(self) -> list[str]:
        return [str(name) for name in self._fits.index[self._fits["fit"] != Fit.RULED_OUT]]

    def _rated(self) -> None:
        """Show the ratings where the table does not say them already, and rank them."""
        if [row[0] for row in self.table.rows] != self._open or ratings_of(
            self.table.rows, self.ratings
        ) != self.ratings:
            self.table.show(rows_of(self.ratings, self._open))
        self._rank()

    def _typed(self) -> None:
        found = ratings_of(self.table.rows, self.ratings)
        if isinstance(found, Ratings):
            self.table.show_errors(())
            self.ratings = found
        else:
            self.table.show_errors(found)

    def _uploaded(self, name: str, content: bytes) -> None:
        try:
            self.ratings = from_csv(name, content)
        except InputError as error:
            self.problem.value = tables.blockers([sentence_for(error)])
        else:
            self.problem.value = ""

    def _rank(self) -> None:
        by_venue = {name: rated for name, rated in self.ratings.by_venue.items() if name in self._open}
        ranked = rank(Ratings(by_venue=by_venue), self.criteria.weights)
        out = [name for name in self.ratings.by_venue if name not in by_venue]
        left = [f"'{name}' is rated and ruled out: {self._fits['why'][name]}." for name in out]
        self.ranking.value = venue_tables.ranking(ranked) + trade_tables.sentences(
            [*ranked.verdict, *ranked.gaps, *left]
        )
        self.reach.value = venue_tables.reach(ranked) or tables.muted("Rate two venues or more, and this is answered.")


def _dropdown(words: str, options: list[tuple[str, Any]]) -> Any:
    return w.Dropdown(options=[(ANY, None), *options], description=words, style=STYLE, layout=LAYOUT)


def _card(title: str, meaning: str, *children: Any) -> Any:
    card = w.VBox([w.HTML(tables.heading(title, meaning)), *children])
    card.add_class("pl-card")
    return card
