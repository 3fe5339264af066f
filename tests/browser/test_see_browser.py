"""A whole blind test in a real browser, taken by an observer of whom everything is known and who sees only pixels.

The observer compares what is drawn with the clean images of the data set, which the test knows; whether they then "see"
the change is drawn from a Weibull function of the step's size. What is fitted to their answers must contain the truth.
"""

import random
import re
import sqlite3
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import assert_fits, assert_no_barriers, at_a_frame, link

import gradlab
from gradlab.experiments.stored import baseline_of
from gradlab.networks import find_card
from gradlab.seeing.blind import Deck, Wish, ask, draw_protocol, prepare
from gradlab.seeing.database import Database, open_database
from gradlab.seeing.psychometrics import chance_correct, fit
from gradlab.seeing.thresholds import see, threshold_text
from gradlab.steps.perturb import step, to_eight_bit
from gradlab.types import Answers, Observer, Participant, Response, Rule, Trial

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
expect = playwright.expect
pytestmark = [pytest.mark.browser, pytest.mark.slow]
SEED = 20_200_616
BOTH = (Rule.SIGN, Rule.RAW)


@pytest.fixture(scope="module")
def database(url: str) -> Iterator[Database]:
    """The same as the app's, opened beside it."""
    found = open_database(url)
    yield found
    found.close()


def opened_deck(database: Database, **wish: Any) -> tuple[Deck, Participant]:
    """A test whose images, order and sides are known, and who takes it."""
    network, card = gradlab.load_model("alexnet", "cifar10", device="cpu"), find_card("alexnet", "cifar10")
    images = gradlab.load_batch("cifar10", limit=2000, source="sample")
    protocol = draw_protocol(network, card, images, Wish(**wish), seed=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gradlab.seeing.database.rows.new_seed", lambda: SEED)
        person = database.join(database.open_study(protocol, solo=True).code)
    return prepare(protocol, network, card, images), person


class Eye:
    """Sees a change of some size as often as an observer does; guesses where it does not."""

    def __init__(self, deck: Deck, observers: dict[Rule, Observer], seed: int = 0) -> None:
        self.observers, self.chance = observers, random.Random(seed)
        first = next(iter(deck.ways.values()))
        self.clean = {_bytes(image) for image in first.images}
        self.known: dict[bytes, Trial] = {}
        for rule, scale in zip(deck.protocol.rules, deck.protocol.scales, strict=True):
            for size in (*scale.levels, scale.catch):
                way = deck.ways[rule]
                trial = Trial(0, str(rule), size, size == scale.catch)
                for image in to_eight_bit(step(way.images, way.along, size)):
                    self.known.setdefault(_bytes(image), trial)

    def sees(self, frames: list[bytes]) -> bool:
        """Whether the right answer is given, guesses included."""
        (trial,) = {self.known[frame] for frame in frames if frame not in self.clean} or {None}
        if trial is None:  # nothing changed: even the sharpest eye guesses
            return self.chance.random() < 0.5
        return self.chance.random() < chance_correct(self.observers[Rule(trial.scale)], trial)

    def pick(self, frames: list[bytes]) -> int:
        """Of two images, the changed one; or, of A, B and X, which X is."""
        right = [frame in self.clean for frame in frames].index(False) if len(frames) == 2 else 0
        if len(frames) == 3:
            right = frames.index(frames[2])
        return right if self.sees(frames) else 1 - right


def _bytes(image: Any) -> bytes:
    return bytes((image * 255).round().byte().permute(1, 2, 0).numpy().tobytes())


def open_test(page: Any, address: str, person: Participant, first: int = 1) -> None:
    page.goto(f"{address}/see?test={person.key}")
    begin = page.locator(".begin")
    begin.wait_for()
    expect(page.locator(".count")).to_have_text(re.compile(f"^Trial {first} of"))
    expect(begin).to_be_focused()


def in_view(page: Any) -> dict[str, bytes]:
    """What is drawn: the name below each image, and its values."""
    page.locator(".cover").wait_for(state="hidden")
    drawn = page.locator(".frame").evaluate_all("""frames => frames.map(frame => {
        const canvas = frame.querySelector("canvas");
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return [frame.querySelector(".name").textContent, Array.from(data)];
    })""")
    return {name: np.array(data, np.uint8).reshape(-1, 4)[:, :3].tobytes() for name, data in drawn}


def ordered(drawn: dict[str, bytes]) -> list[bytes]:
    return [drawn[name] for name in ("1", "2") if name in drawn] or [drawn[name] for name in "ABX"]


_NEXT = """(test, said) =>
    test.querySelector(".cover").hidden && test.querySelector(".count").textContent.startsWith(said)"""
_AT_ONCE = """(test, keys) =>
    keys.forEach(key => test.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})))"""


def next_trial(page: Any, number: int) -> None:
    at_a_frame(page.locator(".test"), _NEXT, f"Trial {number + 1} of")


def at_once(page: Any, *keys: str) -> None:
    """Press keys so soon after one another that nothing happens between them, however busy the machine is."""
    page.locator(".test").evaluate(_AT_ONCE, list(keys))


def take(page: Any, eye: Eye, keys: tuple[str, str], trials: int) -> list[int]:
    """Answer all of them by key; what was pressed."""
    pressed = []
    page.keyboard.press("Enter")
    for number in range(trials):
        pressed.append(eye.pick(ordered(in_view(page))))
        page.keyboard.press(keys[pressed[-1]])
        if number + 1 < trials:
            next_trial(page, number + 1)
    page.get_by_role("heading", name="What you see").wait_for()
    return pressed


def within(responses: tuple[Response, ...], deck: Deck, truth: dict[Rule, Observer]) -> None:
    rows = [response.answer for response in responses]
    for scale in deck.protocol.scales:
        found = fit(Answers.of(rows, scale.name), (scale.levels[0], scale.levels[-1])).threshold
        assert found.low < truth[Rule(scale.name)].threshold < found.high, (scale.name, found)
        assert found.value is not None, "a threshold, not only a bound"
        assert found.high / found.low < 4, "and one that says something"


def test_from_an_answer_to_the_next_trial(
    address: str, database: Database, page: Any, timings: dict[str, float]
) -> None:
    _, person = opened_deck(database, trials=10)
    open_test(page, address, person)
    page.keyboard.press("Enter")
    next_trial(page, 0)
    waits = []
    for number in range(9):
        started = time.perf_counter()
        page.keyboard.press("1")
        next_trial(page, number + 1)
        waits.append(time.perf_counter() - started)
    timings["from an answer to the next trial"] = sorted(waits)[len(waits) // 2]


def test_an_observer_of_known_threshold_is_measured_by_keys_alone(address: str, database: Database, page: Any) -> None:
    deck, person = opened_deck(database, rules=BOTH, trials=40)
    raw = deck.protocol.scales[1].levels[15]
    truth = {Rule.SIGN: Observer(5 / 255, 3.0, 0.02), Rule.RAW: Observer(raw, 3.0, 0.02)}
    open_test(page, address, person)
    pressed = take(page, Eye(deck, truth), ("ArrowLeft", "ArrowRight"), 90)
    responses = database.responses(person.key)
    assert [response.number for response in responses] == list(range(90))
    assert [response.chosen for response in responses] == pressed
    assert all(response.seconds > 0 for response in responses)
    within(responses, deck, truth)
    table = page.locator("[data-testid=stTable]").first
    # As many digits as tell a threshold from the sizes that were measured beside it: so these belong to it.
    network, asked = find_card(deck.protocol.model, deck.protocol.dataset), deck.protocol
    shown = gradlab.sweep(
        gradlab.load_model(asked.model, asked.dataset, "cpu"),
        gradlab.load_batch(asked.dataset, indices=list(asked.places), source="sample"),
        asked.rules, asked.epsilons, labels=asked.labels, eight_bit=True, ssim=True,
    )  # fmt: skip
    answers = [[response.answer for response in responses]]
    for found in see(asked.design, answers, baseline_of(network), asked.descend, shown=shown):
        expect(table).to_contain_text(threshold_text(found))
    assert_no_barriers(page)
    page.locator(".js-plotly-plot").first.wait_for()
    assert link(page) == {"test": person.key, "seen_axis": "epsilon"}


def test_abx_is_taken_too(address: str, database: Database, page: Any) -> None:
    deck, person = opened_deck(database, rules=(Rule.SIGN,), method="abx", trials=16, width=128)
    sharp = {Rule.SIGN: Observer(2.5 / 255, 6.0, 0.0)}
    open_test(page, address, person)
    pressed = take(page, Eye(deck, sharp), ("a", "b"), 18)
    responses = database.responses(person.key)
    assert [response.chosen for response in responses] == pressed
    found = fit(Answers.of([response.answer for response in responses], "sign"), (1 / 255, 21 / 255)).threshold
    assert found.low < sharp[Rule.SIGN].threshold < found.high


# ---- blindness

# Words of what must not be told, as they are called anywhere in the code.
SECRET = re.compile(
    r"epsilon|intensity|\bcatch|\bseed\b|\bpsnr|\bssim|\bl2\b|\bsign\b|\braw\b|\bcorrect|\blevels", re.IGNORECASE
)
UUID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("method", ["2ifc", "abx"])
def test_nothing_that_the_browser_receives_tells_the_answer(
    address: str, database: Database, page: Any, method: str
) -> None:
    _, person = opened_deck(database, rules=BOTH, method=method, trials=10)
    heard: list[bytes] = []

    def hear(payload: Any) -> None:
        heard.append(payload.encode() if isinstance(payload, str) else bytes(payload))

    def answered(response: Any) -> None:
        if "/static/" not in response.url and response.status == 200:
            heard.append(response.url.encode() + b" " + str(response.headers).encode() + b" " + response.body())

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page.on("response", answered)
    open_test(page, address, person)
    page.keyboard.press("Enter")
    labels = []
    for number in range(8):
        next_trial(page, number)
        labels.append(
            page.locator(".test").evaluate("""test => [...test.querySelectorAll("*")].map(one =>
            [one.tagName, one.className, one.title, one.getAttribute("aria-label"), one.id])""")
        )
        page.keyboard.press("12"[number % 2])
    next_trial(page, 8)
    assert all(label == labels[0] for label in labels), "what is named and how it is built is the same in each trial"
    responses = database.responses(person.key)
    assert len(responses) == 8
    frames = [part for whole in heard for part in re.findall(rb'"frames"\s*:\s*\[[^\]]*\]', whole)]
    assert len(frames) >= 9
    assert len({len(part) for part in frames}) == 1
    rest = re.sub(rb'"frames"\s*:\s*\[[^\]]*\]', b"", b"\n".join(heard))
    assert b'"turn"' in rest, "the messages were read"
    assert not SECRET.findall(rest.decode(errors="ignore"))
    for number in {value for response in responses for value in (response.epsilon, response.l2, response.psnr)}:
        assert number is None or repr(number).encode() not in rest
        assert number is None or struct.pack("<d", number) not in rest
    told = UUID.sub(b"", rest)  # Streamlit names its messages at random: a part may be any four digits
    for place in {response.place for response in responses if response.place > 99}:
        assert not re.search(rf"\b{place}\b".encode(), told)
    assert str(SEED).encode() not in rest
    assert struct.pack("<I", SEED) not in rest
    assert page.url.split("?")[1] == f"test={person.key}"


# ---- going on, and what goes wrong


def test_a_reload_goes_on_with_the_same_images(
    address: str, database: Database, page: Any, new_page: Callable[[], Any]
) -> None:
    _, person = opened_deck(database, trials=10)
    open_test(page, address, person)
    page.locator(".begin").click()
    for number in range(3):
        next_trial(page, number)
        page.locator("button.frame").nth(number % 2).click()
    next_trial(page, 3)
    before = in_view(page)
    page.reload()
    expect(page.locator(".count")).to_have_text("Trial 4 of 22")
    page.keyboard.press("Enter")
    assert in_view(page) == before
    other = new_page()
    open_test(other, address, person, first=4)
    other.locator(".begin").click()
    assert in_view(other) == before
    assert [response.chosen for response in database.responses(person.key)] == [0, 1, 0]


def test_a_pause_hides_the_images_and_keeps_the_answers(address: str, database: Database, page: Any) -> None:
    _, person = opened_deck(database, trials=10)
    open_test(page, address, person)
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    next_trial(page, 1)
    before = in_view(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Your answers so far are kept.")).to_be_visible()
    for key in ("ArrowLeft", "2"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    assert in_view(page) == before
    assert len(database.responses(person.key)) == 1


# Pause as soon as the next trial is there, while all is still grey: nothing happens between the two.
_PAUSE_IN_THE_GREY = """test => new MutationObserver((_, watch) => {
    window.grey = !test.querySelector(".cover").hidden;
    test.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true}));
    watch.disconnect();
}).observe(test.querySelector(".count"), {childList: true, characterData: true, subtree: true})"""


def test_a_pause_right_after_an_answer_comes_before_the_next_trial(address: str, database: Database, page: Any) -> None:
    _, person = opened_deck(database, trials=10)
    open_test(page, address, person)
    page.locator(".test").evaluate(_WATCH)
    page.keyboard.press("Enter")
    next_trial(page, 0)
    paused = page.get_by_text("Your answers so far are kept.")

    page.locator(".test").evaluate(_PAUSE_IN_THE_GREY)
    page.keyboard.press("1")
    expect(paused).to_be_visible()
    assert page.evaluate("window.grey"), "the pause came before the next trial"
    expect(page.locator(".begin")).to_be_focused()
    assert page.evaluate("window.counts") == ["Trial 1 of 22"], "no other was shown"

    page.keyboard.press("Enter")
    next_trial(page, 1)
    at_once(page, "2", "Escape")  # before the server has heard of the answer
    expect(paused).to_be_visible()
    expect(page.locator(".count")).to_have_text("Trial 3 of 22")
    assert page.evaluate("window.counts") == ["Trial 1 of 22", "Trial 2 of 22"]
    assert [response.chosen for response in database.responses(person.key)] == [0, 1]


def test_keys_pressed_in_quick_succession_count_once_for_each_trial(
    address: str, database: Database, page: Any
) -> None:
    _, person = opened_deck(database, trials=10)
    open_test(page, address, person)
    page.keyboard.press("Enter")
    for number in range(4):
        next_trial(page, number)
        at_once(page, "ArrowRight", "ArrowRight", "ArrowRight")
    next_trial(page, 4)
    assert [response.number for response in database.responses(person.key)] == [0, 1, 2, 3]


_WATCH = """test => {
    window.seen = {};
    window.counts = [];
    const look = () => {
        if (test.querySelector(".cover").hidden) {
            const count = test.querySelector(".count").textContent;
            if (window.counts.at(-1) !== count) window.counts.push(count);
            const canvas = test.querySelector("canvas"), {width, height} = canvas;
            const name = test.querySelector(".name").textContent;
            window.seen[name] = Array.from(canvas.getContext("2d").getImageData(0, 0, width, height).data);
        }
        requestAnimationFrame(look);
    };
    look();
}"""


def test_images_with_a_time_limit_come_one_after_the_other(address: str, database: Database, page: Any) -> None:
    deck, person = opened_deck(database, trials=10, seconds=2.0)
    open_test(page, address, person)
    page.locator(".test").evaluate(_WATCH)
    at_once(page, "Enter", "1")  # the latter too early: it does not count
    assert page.locator("button.frame").count() == 0
    page.get_by_role("button", name="Image 2").wait_for()
    seen = page.evaluate("window.seen")
    assert list(seen) == ["1", "2"]
    question = ask(deck, SEED, [])
    assert question is not None
    for name, frame in zip(seen, question.frames, strict=True):
        np.testing.assert_array_equal(np.array(seen[name]).reshape(32, 32, 4)[..., :3], frame)
    assert database.responses(person.key) == ()
    page.keyboard.press("2")
    expect(page.locator(".count")).to_have_text("Trial 2 of 22")
    (only,) = database.responses(person.key)
    assert only.chosen == 1
    assert only.seconds > 4.0, "two images of two seconds each"


def test_an_answer_waits_for_a_locked_database_and_is_given_by_itself(
    address: str, database: Database, page: Any, folder: Path
) -> None:
    _, person = opened_deck(database, trials=10)
    open_test(page, address, person)
    page.keyboard.press("Enter")
    in_view(page)
    other = sqlite3.connect(folder / "answers.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    page.keyboard.press("2")
    page.get_by_role("button", name="Try again").wait_for()
    expect(page.get_by_text("This page keeps your answer")).to_be_visible()
    assert database.responses(person.key) == ()
    other.rollback()
    other.close()
    expect(page.locator(".count")).to_have_text("Trial 2 of 22")
    assert [response.chosen for response in database.responses(person.key)] == [1]


# ---- how it looks


def test_a_person_starts_a_test_on_a_phone(address: str, database: Database, new_page: Callable[..., Any]) -> None:
    page = new_page(390, 844, has_touch=True)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/see?rules=sign&trials=10&width=128")
    start = page.get_by_role("button", name="Start")
    start.wait_for()
    assert_fits(page)
    start.click()
    page.locator(".begin").tap()
    expect(page.locator("button.frame canvas").first).to_have_css("width", "128px")
    expect(page.locator("button.frame canvas").first).to_have_css("height", "128px")
    assert_fits(page)
    page.locator("button.frame").nth(1).tap()
    next_trial(page, 1)
    assert [response.chosen for response in database.responses(link(page)["test"])] == [1]
    assert said == []


def is_ours(message: Any) -> bool:
    """Not what Streamlit says when it looks for its server below a page's address first."""
    return message.type in {"error", "warning"} and "_stcore" not in str(message.location)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_surrounds_the_images_is_middle_grey(
    address: str, database: Database, new_page: Callable[..., Any], scheme: str
) -> None:
    _, person = opened_deck(database, trials=10, smooth=scheme == "dark")
    page = new_page(1440, 1000, color_scheme=scheme)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if is_ours(message) else None)
    open_test(page, address, person)
    page.keyboard.press("Enter")
    in_view(page)
    assert said == []
    for place in (".stage", ".cover"):
        expect(page.locator(place)).to_have_css("background-color", "rgb(128, 128, 128)")
    canvas = page.locator("canvas").first
    expect(canvas).to_have_css("image-rendering", "auto" if scheme == "dark" else "pixelated")
    expect(canvas).to_have_css("width", "256px")
