"""Looking again helps against a lost race, not against a caller's old version."""

import pytest

from shared.refusal import PreconditionFailed, Stale
from shared.retry import until_fresh


def losing(times, error):
    left = [error] * times

    def action():
        if left:
            raise left.pop()
        return "done"

    return action


def test_a_lost_race_is_run_again():
    assert until_fresh(losing(3, Stale("x"))) == "done"


def test_it_gives_up_in_the_end():
    with pytest.raises(Stale):
        until_fresh(losing(9, Stale("x")), tries=3)


def test_an_old_version_is_refused_at_once():
    action = losing(1, PreconditionFailed("x"))
    with pytest.raises(PreconditionFailed):
        until_fresh(action)
    assert action() == "done"
