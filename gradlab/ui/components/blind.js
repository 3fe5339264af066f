// @ts-check
// One trial after the other, until the server has no more of them. What is shown comes as bytes, one list for each frame;
// what was pressed goes back with the trial's number and the time that it took. Nothing here knows which answer is right.
//
// The phases: "ready" (Begin, or Go on after a pause), "showing", "asking" (images shown for a time only: they are gone),
// "sent" (grey, until the next trial is there), "next" (it is there; grey a little longer).

const BLANK_MS = 350; // grey between two trials, and between two images one after the other
const UNSURE_MS = 4000; // from when on a person is told that the server has not confirmed the answer
const NAMES = { "2ifc": ["1", "2"], abx: ["A", "B", "X"] };
const FRAME = 16; // px around an image, at most
const CHOICES = 2; // the frames that can be the answer come first
const ASKED = { "2ifc": "Which image has been changed?", abx: "Which image is X: A or B?" };
/** @type {Record<string, number>} */
const KEYS = { ArrowLeft: 0, 1: 0, a: 0, ArrowRight: 1, 2: 1, b: 1 };

/**
 * @typedef {object} Question what Python sends
 * @property {string} turn another one with each run
 * @property {number} number of the trial, from 0 on
 * @property {number} total
 * @property {"2ifc" | "abx"} method
 * @property {[number, number]} size width and height
 * @property {boolean} photograph whether it is so large that it is not enlarged to be seen
 * @property {number} channels
 * @property {number} width of an image on the screen, in px
 * @property {boolean} smooth
 * @property {number | null} seconds that each is shown; null for as long as one likes
 * @property {string[]} frames uint8 (H, W, C) in base64
 *
 * @typedef {{ n: number | null, frame: HTMLElement, canvas: HTMLCanvasElement, name: HTMLElement }} Slot
 *
 * @typedef {object} Test
 * @property {(selector: string) => HTMLElement} find
 * @property {HTMLButtonElement} begin
 * @property {HTMLButtonElement} pause
 * @property {HTMLProgressElement} progress
 * @property {number} clock what is to come is called off when it moves on
 * @property {boolean} begun
 * @property {string} phase
 * @property {Question} data
 * @property {string} of the layout of the slots
 * @property {Slot[]} slots
 * @property {number} started when the images could first be seen
 * @property {number} since when the answer was sent
 * @property {Send} send
 */

// ---- pictures

/** @param {HTMLCanvasElement} canvas @param {string} frame @param {Question} question */
function paintFrame(canvas, frame, { size: [width, height], channels }) {
  const values = bytes(frame);
  paint(canvas, width, height, (pixel, channel) => values[pixel * channels + (channels === 1 ? 0 : channel)]);
}

/** All frames side by side; or one place for each of them in turn. @param {Test} test */
function slots(test) {
  const { data } = test, names = NAMES[data.method];
  const order = data.seconds ? [null] : data.method === "abx" ? [0, 2, 1] : [0, 1];
  const made = order.map((n) => {
    const pressable = n !== null && n < CHOICES, kind = `frame${n === 2 ? " x" : ""}`;
    const frame = pressable ? button(`Image ${names[n]}`, () => press(test, n), "", kind) : element("span", "", kind);
    const canvas = element("canvas"), name = element("span", n === null ? "" : names[n], "name");
    canvas.setAttribute("aria-hidden", "true");
    frame.append(canvas, name);
    return { n, frame, canvas, name };
  });
  test.find(".frames").replaceChildren(...made.map(({ frame }) => frame));
  return made;
}

// ---- the phases

/**
 * @param {Test} test
 * @param {string} phase
 * @param {{ say?: string, begin?: string, presses?: string[] }} told
 */
function enter(test, phase, { say = "", begin = "", presses = [] } = {}) {
  test.phase = phase;
  const cover = test.find(".cover"), frames = test.find(".frames");
  cover.hidden = phase === "showing";
  frames.inert = phase !== "showing";
  test.find(".say").textContent = say;
  test.begin.textContent = begin;
  test.begin.hidden = !begin;
  test.find(".presses").replaceChildren(
    ...presses.map((name, n) => button(`Image ${name}`, () => press(test, n), name)),
  );
  test.pause.disabled = phase === "ready";
}

/** @param {Test} test @param {boolean} begun */
function ready(test, begun) {
  stop(test);
  enter(test, "ready", {
    say: begun ? "Your answers so far are kept. You can also close this page and go on later with its address." : "",
    begin: begun ? "Go on (Enter)" : "Begin (Enter)",
  });
}

/** @param {Test} test */
function begin(test) {
  test.begun = true;
  show(test);
  test.find(".stage").focus({ preventScroll: true });
}

/** @param {Test} test */
function show(test) {
  stop(test);
  const { data } = test;
  if (test.of !== layout(data)) {
    test.of = layout(data);
    test.slots = slots(test);
  }
  if (data.seconds) return inTurn(test, 0);
  test.slots.forEach(({ n, canvas }) => paintFrame(canvas, data.frames[n ?? 0], data));
  enter(test, "showing");
  test.started = performance.now();
}

/** @param {Test} test @param {number} n */
function inTurn(test, n) {
  const { data } = test, names = NAMES[data.method], [{ canvas, name }] = test.slots;
  if (n === data.frames.length) {
    enter(test, "asking", { say: ASKED[data.method], presses: names.slice(0, CHOICES) });
    return;
  }
  paintFrame(canvas, data.frames[n], data);
  name.textContent = names[n];
  enter(test, "showing");
  if (!n) test.started = performance.now();
  after(test, 1000 * (data.seconds ?? 0), () => {
    enter(test, "blank");
    after(test, BLANK_MS, () => inTurn(test, n + 1));
  });
}

/** @param {Test} test */
const answerable = (test) => test.phase === "asking" || (test.phase === "showing" && !test.data.seconds);

/** @param {Test} test @param {number} chosen */
function press(test, chosen) {
  if (!answerable(test)) return; // once for each trial, and not before all has been shown
  const seconds = (performance.now() - test.started) / 1000;
  stop(test);
  enter(test, "sent");
  test.find(".stage").focus({ preventScroll: true });
  test.since = performance.now();
  after(test, UNSURE_MS, () => {
    test.find(".say").textContent = "Your answer is on its way; the server has not confirmed it yet.";
  });
  test.send("answer", { number: test.data.number, chosen, seconds });
}

/** @param {Test} test @param {number} milliseconds @param {() => void} act */
function after(test, milliseconds, act) {
  const turn = test.clock;
  setTimeout(() => turn === test.clock && act(), milliseconds);
}

/** Whatever was to come. @param {Test} test */
function stop(test) {
  test.clock += 1;
}

// ---- set up once; given new data with each run of the page

/** @param {Root} root @param {Send} send */
function build(root, send) {
  const test = /** @type {Test} */ ({
    /** @param {string} selector */
    find: (selector) => find(root, selector, HTMLElement),
    begin: find(root, ".begin", HTMLButtonElement),
    pause: find(root, ".pause", HTMLButtonElement),
    progress: find(root, "progress", HTMLProgressElement),
    clock: 0, begun: false, phase: "", send,
  });
  test.begin.onclick = () => begin(test);
  test.pause.onclick = () => pause(test);
  test.find(".test").onkeydown = (event) => onKey(test, event);
  return test;
}

/** @param {Test} test */
function pause(test) {
  if (test.phase === "ready") return;
  if (test.phase !== "sent") return rest(test);
  test.begun = false; // the next trial waits, once it is there
  test.find(".say").textContent = "Your answer is on its way; the test pauses once it is kept.";
}

/** @param {Test} test */
function rest(test) {
  ready(test, true);
  test.begin.focus({ preventScroll: true });
}

/** @param {Test} test @param {KeyboardEvent} event */
function onKey(test, event) {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const chosen = KEYS[event.key.toLowerCase()] ?? KEYS[event.key];
  if (event.key === "Escape") pause(test);
  else if (event.key === "Enter" && test.phase === "ready") begin(test);
  else if (chosen !== undefined) press(test, chosen);
  else return;
  event.preventDefault();
}

/** @param {Question} question */
const layout = ({ method, seconds, size }) => [method, seconds, size].join();

/**
 * How wide an image is shown: as asked for; a photograph that has no room, at the largest whole multiple of its own size
 * that has, so that no pixel is shown wider than another. @param {Question} question @param {number} room in px
 */
const fitting = ({ width, size: [own], photograph }, room) =>
  photograph && own <= room && room < width ? own * Math.floor(room / own) : width;

/** @param {Test} test */
function describe(test) {
  const { number, total, method, seconds, smooth, size, photograph } = test.data, names = NAMES[method];
  const room = test.find(".frames").clientWidth - FRAME, crowded = photograph && room < size[0];
  test.progress.max = total;
  test.progress.value = number;
  test.progress.setAttribute("aria-label", "Trials answered");
  test.find(".count").textContent = `Trial ${number + 1} of ${total}`;
  test.find(".asked").textContent = ASKED[method];
  test.find(".keys").textContent =
    `${seconds ? "When all have been shown, press a button" : "Click or touch an image"}, or press ← or ${names[0]}, ` +
    `→ or ${names[1]}. Escape pauses. Where you see no difference, guess.`;
  test.find(".test").style.setProperty("--width", `${fitting(test.data, room)}px`);
  test.find(".test").classList.toggle("smooth", smooth || crowded); // else whole rows of pixels were left out
}

/** @param {Test} test @param {Question} data */
function adopt(test, data) {
  if (test.data?.turn === data.turn) return; // drawn again, with nothing new
  const first = !test.data, other = first || data.number !== test.data.number;
  test.data = data;
  describe(test);
  if (first) {
    show(test); // so that the stage is as large as it will be
    ready(test, false);
    test.begin.focus({ preventScroll: true });
  } else if (test.phase === "sent") {
    if (!test.begun) return rest(test);
    stop(test);
    enter(test, "next"); // no longer "sent": a pause may begin at once
    after(test, Math.max(0, BLANK_MS - (performance.now() - test.since)), () => show(test));
  } else if (other && test.phase !== "ready") show(test);
}

export default component(build, adopt);
