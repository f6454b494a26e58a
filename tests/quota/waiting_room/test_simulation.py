"""Touts with twenty thousand accounts: by the draw they get the share of their NIKs, no more."""

from statistics import mean

from benchmarks.queue_simulation import World, by_draw, first_come

# The whole crowd in small: touts have as many accounts a NIK, and NIKs and seats the same shares.
SMALL = {"honest": 5_000, "tout_accounts": 2_000, "tout_niks": 50, "seats": 500}


def test_touts_by_the_draw_get_the_share_of_their_niks_and_nobody_is_called_in_vain() -> None:
    worlds = [World(**SMALL, seed=seed) for seed in range(12)]
    outcomes = [by_draw(world) for world in worlds]
    assert mean(outcome.tout_share for outcome in outcomes) <= 1.5 * worlds[0].tout_share
    assert [outcome.in_vain for outcome in outcomes] == [0] * len(worlds)
    assert {outcome.seated for outcome in outcomes} == {500}


def test_control_touts_first_come_get_all_there_is() -> None:
    assert first_come(World(**SMALL)).tout_share == 1


def test_simulation_with_the_same_seed_gives_the_same_answer() -> None:
    assert by_draw(World(**SMALL)) == by_draw(World(**SMALL))
