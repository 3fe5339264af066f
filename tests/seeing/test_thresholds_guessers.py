"""A class of whom some guess: who is counted, what is said of it, and how sure the dots are."""

import numpy as np
from observers import DESIGN, OBSERVERS

from gradlab.report import seen_code, seen_to_dicts
from gradlab.seeing.psychometrics import fit_people, share_correct, simulate
from gradlab.seeing.thresholds import doubts, see, sentence
from gradlab.seeing.thresholds.answer import dots
from gradlab.statistics import wilson_interval
from gradlab.types import Answer, Answers, Rule, Seen

PEOPLE = simulate(DESIGN, OBSERVERS, runs=4, seed=30)
# Right every other time, whatever was asked, what anybody sees among it.
GUESSER = [Answer(row.scale, row.intensity, n // 2 % 2 == 0, row.catch) for n, row in enumerate(PEOPLE[0])]


def both(guessers: bool) -> tuple[Seen, ...]:
    return see(DESIGN, [*PEOPLE, GUESSER], guessers=guessers)


def test_who_guesses_is_left_out_of_all_that_is_drawn() -> None:
    out, without = both(False), see(DESIGN, PEOPLE)
    for seen, alone in zip(out, without, strict=True):
        assert (seen.fit.people, seen.fit.left_out, seen.fit.guessers) == (4, 1, 1)
        assert seen.fit.threshold == alone.fit.threshold
        assert seen.persons == alone.persons
        assert seen.dots.answered.tolist() == alone.dots.answered.tolist()
        assert seen.careless == alone.careless


def test_the_sentence_and_the_report_say_how_many() -> None:
    (seen, _), (kept, _) = both(False), both(True)
    assert sentence(seen, you=False).endswith("Left out: 1 of 5 people, who seem to guess.")
    assert not doubts([seen])
    assert "Left out" not in sentence(kept, you=False)
    assert doubts([kept], names={Rule.SIGN: "the sign"})[0] == (
        "People who seem to guess are counted (the sign: 1 of 5): their answers, those to catch trials among them, are "
        "at least 3 times as likely from somebody who guesses as from somebody who sees."
    )
    rows = [seen_to_dicts([one], you=False)[0] for one in (seen, kept)]
    assert [(row["people"], row["guessers"], row["left_out"]) for row in rows] == [(4, 1, 1), (5, 1, 0)]


def test_of_one_person_who_guesses_the_threshold_is_doubted() -> None:
    (seen, _) = see(DESIGN, [GUESSER])
    assert (seen.fit.people, seen.fit.left_out, seen.fit.guessers) == (1, 0, 1)
    assert doubts([seen])[0].startswith("Your answers (sign), those to catch trials among them, are at least 3 times")
    assert doubts([seen])[0].endswith("do not trust the threshold.")


def test_where_all_guess_nothing_is_said_of_a_threshold() -> None:
    (seen, _) = see(DESIGN, [GUESSER, GUESSER])
    assert sentence(seen, you=False) == (
        "Nobody who was asked sign did more than guess: there is no threshold. Left out: 2 of 2 people, who seem to "
        "guess."
    )
    assert len(seen.dots.sizes) == len(seen.persons) == 0


def test_the_code_keeps_them_in_where_the_page_does() -> None:
    assert "guessers=False)" in seen_code(DESIGN, None, False, "a.csv")
    assert "guessers=True)" in seen_code(DESIGN, None, False, "a.csv", guessers=True)
    assert fit_people([Answers.of(rows, "sign") for rows in [*PEOPLE, GUESSER]], guessers=True).people == 5


# The dots


def asked(count: int, spread: float, seed: int) -> list[Answers]:
    """People's answers at seven levels, six each."""
    chance, x = np.random.default_rng(seed), np.repeat(np.geomspace(0.3, 3, 7), 6)
    thresholds = np.exp(spread * chance.standard_normal(count)).tolist()
    return [
        Answers(x, chance.random(len(x)) < share_correct(x, t, 3.0, 0.02), np.zeros(len(x), bool)) for t in thresholds
    ]


def test_the_dots_of_one_person_have_wilsons_interval() -> None:
    found = dots(asked(1, 0.0, 3))
    ends = [wilson_interval(int(r), int(n)) for r, n in zip(found.right, found.answered, strict=True)]
    assert not found.over_people
    assert np.array([found.low, found.high]).T.tolist() == np.array(ends, dtype=float).tolist()


def test_the_dots_of_people_who_differ_are_less_sure_than_wilson_says_and_the_same_each_time() -> None:
    people = asked(10, 0.7, 4)
    found, again = dots(people), dots(people)
    ends = [wilson_interval(int(r), int(n)) for r, n in zip(found.right, found.answered, strict=True)]
    low, high = np.array(ends, dtype=float).T
    assert found.over_people
    assert bool(((found.low <= low) & (found.high >= high)).all())
    assert (found.high - found.low).sum() > 1.1 * (high - low).sum()
    assert (found.low.tolist(), found.high.tolist()) == (again.low.tolist(), again.high.tolist())


def test_a_size_that_two_people_were_asked_alike_keeps_wilsons_interval() -> None:
    one = Answers(np.full(6, 0.1), np.ones(6, bool), np.zeros(6, bool))
    found, (low, high) = dots([one, one]), wilson_interval(12, 12)
    assert (found.low[0], found.high[0]) == (float(low), float(high))


def test_the_interval_of_a_class_covers_the_share_of_all_people() -> None:
    many = np.exp(0.35 * np.random.default_rng(9).standard_normal(50_000))
    true = np.array([share_correct(x, many, 3.0, 0.02).mean() for x in np.geomspace(0.3, 3, 7)])
    found = [dots(asked(10, 0.35, 100 + n)) for n in range(40)]
    covered = np.mean([(one.low <= true) & (true <= one.high) for one in found])
    assert covered >= 0.91  # 0.95, less three standard errors of 280 dots, were they independent
