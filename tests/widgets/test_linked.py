from hypothesis import given, settings
from hypothesis import strategies as st

from widgets.linked import WHOLE, move

NAMES = ("equities", "fixed_income", "real_estate", "commodities", "cash", "crypto")


@st.composite
def allocations(draw):
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE), min_size=len(NAMES) - 1, max_size=len(NAMES) - 1)))
    edges = [0, *cuts, WHOLE]
    return {name: edges[place + 1] - edges[place] for place, name in enumerate(NAMES)}


moves = st.tuples(
    allocations(),
    st.sampled_from(NAMES),
    st.integers(0, WHOLE),
    st.sets(st.sampled_from(NAMES)),
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, WHOLE)),
)


@settings(deadline=None, max_examples=500)
@given(moves)
def test_shares_always_sum_to_the_whole_and_none_is_negative(case):
    shares, moved, to, locked, ceilings = case
    after = move(shares, moved, to, locked, ceilings)
    assert sum(after.values()) == WHOLE
    assert min(after.values()) >= 0
    assert list(after) == list(shares)


@settings(deadline=None, max_examples=500)
@given(moves)
def test_locked_shares_hold_and_no_other_share_is_pushed_over_its_ceiling(case):
    shares, moved, to, locked, ceilings = case
    after = move(shares, moved, to, locked, ceilings)
    for name in set(NAMES) - {moved}:
        if name in locked:
            assert after[name] == shares[name]
        else:
            assert after[name] <= max(ceilings.get(name, WHOLE), shares[name])


@settings(deadline=None, max_examples=300)
@given(allocations(), st.sampled_from(NAMES), st.integers(0, WHOLE))
def test_without_locks_the_moved_share_goes_where_it_was_put(shares, moved, to):
    assert move(shares, moved, to)[moved] == to


def test_the_others_keep_their_proportions():
    after = move({"a": 500, "b": 300, "c": 200}, "a", 0)
    assert after == {"a": 0, "b": 600, "c": 400}


def test_others_that_are_all_zero_share_evenly():
    assert move({"a": 1000, "b": 0, "c": 0}, "a", 400) == {"a": 400, "b": 300, "c": 300}


def test_a_ceiling_sends_the_rest_to_the_others():
    after = move({"a": 500, "b": 400, "crypto": 100}, "a", 0, ceilings={"crypto": 120})
    assert after == {"a": 0, "b": 880, "crypto": 120}


def test_a_share_goes_only_as_far_as_the_locks_let_it():
    assert move({"a": 500, "b": 300, "c": 200}, "a", 900, locked={"b"}) == {"a": 700, "b": 300, "c": 0}


def test_with_everything_else_locked_nothing_moves():
    shares = {"a": 500, "b": 300, "c": 200}
    assert move(shares, "a", 100, locked={"b", "c"}) == shares
