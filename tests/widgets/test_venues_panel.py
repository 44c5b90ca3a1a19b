"""The view Where to trade without a browser: filters, ratings, weights and ticks move what is shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.trading.venue_scores import CRITERIA, CriteriaWeights, Ratings, rank
from planner.trading.venues import CHECKLIST, Custody, Region, VenueKind, venues
from widgets.linked import WHOLE
from widgets.panels.trading import trading_tabs
from widgets.panels.venues import VenuesPanel
from widgets.session import Session
from widgets.table_editor import CellError
from widgets.venue_rows import from_csv, ratings_of, rows_of, to_csv

NAMES = [one.name for one in venues()]
RATED = Ratings(
    by_venue={
        "CME Group": dict(zip(CRITERIA, (9, 9, 3, 6, 4, 7), strict=True)),
        "Coinbase Derivatives": dict(zip(CRITERIA, (5, 8, 4, 6, 9, 6), strict=True)),
        "Deribit": {"liquidity": 9, "security": 7},
    }
)


def opened():
    panel = VenuesPanel(Session())
    panel.showing = True
    return panel


@pytest.fixture
def panel():
    return opened()


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def typed(panel, name, *cells):
    panel.table.rows = [[name, *cells] if row[0] == name else list(row) for row in panel.table.rows]


def test_nothing_is_shown_before_the_view_is_and_nothing_is_rated_then():
    panel = VenuesPanel(Session())
    assert panel.listed.value == ""
    panel.showing = True
    assert "Nothing stands against: 20" in words(panel.listed.value)
    assert all(row[1:] == [""] * len(CRITERIA) for row in panel.table.rows)
    assert "rate at least one" in panel.ranking.value


def test_the_facts_say_their_month(panel):
    assert "Facts as of September 2025." in panel.children[0].children[0].value


def test_what_is_ruled_out_is_said_with_its_reason_and_cannot_be_rated(panel):
    panel.filters["kind"].value = VenueKind.OTC
    panel.filters["region"].value = Region.UNITED_STATES
    said = words(panel.ruled_out.value)
    assert panel.fold.titles == ("Ruled out, and why: 11",)
    assert "closed to United States clients" in said
    assert "Binance OTC &amp; Execution Solutions" in said
    assert [row[0] for row in panel.table.rows] == [
        one.name for one in venues() if one.kind is VenueKind.OTC and "Binance" not in one.name
    ]
    assert "<s>CME Group</s>" in panel.guide.value
    panel.filters["instrument"].value = "perpetuals"
    assert "No venue is left" in panel.listed.value
    assert panel.table.rows == []
    assert panel.diligence.venue.value is None


def test_ratings_that_are_typed_are_ranked_as_the_planner_ranks_them(panel):
    for name, rated in RATED.by_venue.items():
        typed(panel, name, *(str(rated.get(criterion, "")) for criterion in CRITERIA))
    assert panel.ratings == RATED
    said = words(panel.ranking.value)
    for sentence in (*rank(RATED).verdict, *rank(RATED).gaps):
        assert sentence in said.replace("&#x27;", "'")
    scores = [float(cell) for cell in re.findall(r"class='pl-mine'>([\d.]+)<", panel.ranking.value)]
    assert scores == pytest.approx(rank(RATED).scores.round(1).tolist())


def test_a_cell_that_is_no_rating_is_said_and_the_last_ratings_stay(panel):
    typed(panel, "OKX", "7")
    for cell in ("11", "-1", "good", "nan"):
        typed(panel, "OKX", cell)
        assert "from 0 (worst) to 10" in panel.table.errors[0]["sentence"]
        assert panel.table.rows[NAMES.index("OKX")][1] == cell
        assert panel.ratings.by_venue["OKX"] == {"liquidity": 7}
    typed(panel, "OKX", "")
    assert panel.table.errors == []
    assert "OKX" not in panel.ratings.by_venue


def test_ratings_of_a_venue_that_is_ruled_out_are_kept_and_not_ranked(panel):
    panel.ratings = RATED
    panel.filters["custody"].value = Custody.BROKER
    panel.filters["kind"].value = VenueKind.OTC
    assert panel.ratings == RATED
    assert "'CME Group' is rated and ruled out: derivatives venue, not OTC desk" in words(panel.ranking.value).replace(
        "&#x27;", "'"
    )
    assert "pl-bar" not in panel.ranking.value
    panel.filters["custody"].value = panel.filters["kind"].value = None
    assert "leads with" in panel.ranking.value


def test_weights_are_linked_to_100_and_move_the_ranking(panel):
    panel.ratings = RATED
    before = panel.ranking.value
    panel.criteria.sliders["user_experience"].value = 80
    assert sum(panel.criteria.shares.values()) == WHOLE
    assert panel.criteria.weights.points["user_experience"] == 80
    assert panel.ranking.value != before
    assert "'Coinbase Derivatives' leads" in words(panel.ranking.value).replace("&#x27;", "'")
    panel.criteria.usual.click()
    assert panel.criteria.weights == CriteriaWeights()
    assert panel.ranking.value == before


def test_the_stripes_are_the_reach_of_the_leader(panel):
    assert "Rate two venues" in panel.reach.value
    panel.ratings = RATED
    row = rank(RATED).reach.loc["user_experience"]
    assert f"above {row['upper']:.0%}".replace("%", " %") in panel.reach.value
    assert f"left:{row['lower']:.1%};width:{row['upper'] - row['lower']:.1%}" in panel.reach.value


def test_ticks_stay_with_their_venue(panel):
    first, other = panel.diligence.venue.options[:2]
    question = CHECKLIST["Costs"][0]
    panel.diligence.boxes[question].value = True
    assert panel.diligence.answered == {first: (question,)}
    panel.diligence.venue.value = other
    assert not panel.diligence.boxes[question].value
    assert "0 of 14" in panel.diligence.said.value
    panel.diligence.venue.value = first
    assert panel.diligence.boxes[question].value
    panel.diligence.boxes[question].value = False
    assert panel.diligence.answered == {first: ()}


def test_a_file_takes_the_ratings_away_and_brings_them_back(panel):
    panel.ratings = RATED
    saved = panel.ratings_csv()
    other = opened()
    other.upload.take("mine.csv", b"\xef\xbb\xbf" + saved.encode())
    assert other.ratings == RATED
    assert other.table.rows == panel.table.rows


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "name the columns"),
        (b"name,liquidity\n", "name the columns"),
        (b"venue,liquidity,liquidity\n", "each once"),
        (b"venue,liquidity\nOKX,eleven\n", "line 2: 'eleven' cannot be read"),
        (b"venue,liquidity\nOKX,1,2\n", "line 2: it has 3 cells"),
        (b"venue,liquidity\nOKX,1\n\nOKX,2\n", "line 4: 'OKX' stands there twice"),
        (b"venue,liquidity\nElsewhere,1\n", "There is no venue 'Elsewhere'"),
        (b"\xff\xfe\x00", "no CSV in UTF-8"),
        (b'venue,liquidity\n"OKX,1\n', "no CSV in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(panel, content, said):
    panel.ratings = RATED
    panel.upload.take("mine.csv", content)
    assert said in words(panel.problem.value).replace("&#x27;", "'")
    assert panel.ratings == RATED


def test_columns_of_a_file_may_be_fewer_and_written_as_words():
    found = from_csv("mine.csv", b"User experience,Venue\n7,OKX\n,Aevo\n")
    assert found == Ratings(by_venue={"OKX": {"user_experience": 7}})


ratings = st.dictionaries(
    st.sampled_from(NAMES),
    st.dictionaries(st.sampled_from(CRITERIA), st.floats(0, 10, allow_nan=False), min_size=1),
)


@given(ratings, st.sets(st.sampled_from(NAMES)))
def test_rows_and_files_lose_no_rating(by_venue, shown):
    before = Ratings(by_venue=by_venue)
    rounded = Ratings(
        by_venue={
            venue: {name: float(f"{value:.15g}") for name, value in rated.items()} for venue, rated in by_venue.items()
        }
    )
    back = ratings_of(rows_of(before, [name for name in NAMES if name in shown]), before)
    assert not isinstance(back, tuple)
    assert {name: back.by_venue[name] for name in shown & set(by_venue)} == {
        name: rounded.by_venue[name] for name in shown & set(by_venue)
    }
    assert set(back.by_venue) == set(by_venue)
    assert from_csv("f.csv", to_csv(before, NAMES).encode()) == rounded


def test_an_error_of_a_row_names_its_cell():
    (error,) = ratings_of([["OKX", "1", "x", "", "", "", ""]], Ratings())
    assert isinstance(error, CellError)
    assert (error.row, error.column) == (0, "security")
    assert error.sentence.startswith("OKX, security: 'x' cannot be read")


def test_only_ratings_can_be_set(panel):
    with pytest.raises(Exception, match="Ratings"):
        panel.ratings = {"OKX": 5}
    with pytest.raises(InputError):
        Ratings(by_venue={"Nowhere": {}})


def test_the_trades_tab_has_two_views_and_makes_the_second_when_it_is_opened():
    tabs = trading_tabs(Session())
    assert tabs.strip.names == ["Orders", "Where to trade"]
    assert list(tabs.panels) == ["Orders"]
    assert not tabs.panels["Orders"].showing
    tabs.choose("Where to trade")
    assert not tabs.panels["Where to trade"].showing
    tabs.showing = True
    assert tabs.panels["Where to trade"].showing
    assert not tabs.panels["Orders"].showing
