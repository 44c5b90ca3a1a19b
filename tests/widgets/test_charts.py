import altair as alt
import pytest
import vl_convert

from planner.planning import plan
from planner.scenario import EXAMPLE, Method
from planner.wording import percent
from widgets import tables
from widgets.charts import PICTURES, band_rows

PLANS = {
    "as they are": EXAMPLE,
    "mean-variance": EXAMPLE.with_changes(method=Method.MEAN_VARIANCE),
    "blocked": EXAMPLE.with_changes(volatility_cap=0.01),
}


@pytest.fixture(params=PLANS, scope="module")
def made(request):
    return plan(PLANS[request.param])


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_a_valid_altair_chart_that_draws(name, made):
    chart = PICTURES[name].altair(made)
    assert isinstance(chart, alt.TopLevelMixin)
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    assert svg.startswith("<svg")


@pytest.mark.parametrize("name", PICTURES)
def test_every_field_a_picture_encodes_is_in_its_rows(name, made):
    picture = PICTURES[name]
    rows = picture.rows(made)
    if "band" in rows:
        rows["band"] = band_rows(made.resampled())
    for layer in picture.spec["layer"]:
        named = layer.get("data", picture.spec.get("data"))["name"]
        computed = {step["as"] for step in layer.get("transform", [])}
        channels = {**picture.spec.get("encoding", {}), **layer["encoding"]}
        fields = {channel["field"] for channel in channels.values() if isinstance(channel, dict) and "field" in channel}
        assert rows[named] or (named == "ranges" and made.class_ranges is None)
        for row in rows[named]:
            assert fields <= row.keys() | computed


@pytest.mark.parametrize("name", PICTURES)
def test_the_sentence_of_a_picture_says_its_numbers(name, made):
    said = PICTURES[name].alt(made)
    number = {
        "weights": percent(made.class_weights["crypto"]),
        "risk": percent(made.class_risk["crypto"]),
        "frontier": percent(made.sixty_forty.volatility),
        "crypto-fall": percent(made.crypto_loss, 2),
    }[name]
    assert number in said


def test_risk_shares_of_the_chart_sum_to_one(made):
    rows = PICTURES["risk"].rows(made)["shares"]
    for kind in ("money", "risk"):
        assert sum(row["share"] for row in rows if row["kind"] == kind) == pytest.approx(1)


def test_text_from_outside_is_escaped():
    hostile = "<script>alert(1)</script>"
    for html in (tables.blockers([hostile]), tables.heading(hostile, hostile), tables.mix_sentence(hostile, {}, {})):
        assert "<script>" not in html
