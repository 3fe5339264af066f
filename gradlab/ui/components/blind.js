// One trial after the other, until the server has no more of them. What is shown comes as bytes, one list for each frame;
// what was pressed goes back with the trial's number and the time that it took. Nothing here knows which answer is right.
//
// The phases: "ready" (Begin, or Go on after a pause), "showing", "asking" (images shown for a time only: they are gone),
// "sent" (grey, until the next trial is there).

const BLANK_MS = 350; // grey between two trials, and between two images one after the other
const UNSURE_MS = 4000; // from when on a person is told that the server has not confirmed the answer
const NAMES = { "2ifc": ["1", "2"], abx: ["A", "B", "X"] };
const CHOICES = 2; // the frames that can be the answer come first
const ASKED = { "2ifc": "Which image has been changed?", abx: "Which image is X: A or B?" };
const KEYS = { ArrowLeft: 0, 1: 0, a: 0, ArrowRight: 1, 2: 1, b: 1 };

function element(kind, text = "", name = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = name;
  return made;
}

// ---- pictures

function paint(canvas, frame, { size: [width, height], channels }) {
  const bytes = Uint8Array.from(atob(frame), (letter) => letter.charCodeAt(0));
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d"), picture = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      picture.data[4 * pixel + channel] = bytes[pixel * channels + (channels === 1 ? 0 : channel)];
    }
    picture.data[4 * pixel + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

function slots(test) { // all frames side by side; or one place for each of them in turn
  const { data } = test, names = NAMES[data.method];
  const order = data.seconds ? [null] : data.method === "abx" ? [0, 2, 1] : [0, 1];
  const made = order.map((n) => {
    const pressable = n !== null && n < CHOICES;
    const frame = element(pressable ? "button" : "span", "", `frame${n === 2 ? " x" : ""}`);
    const canvas = element("canvas"), name = element("span", n === null ? "" : names[n], "name");
    canvas.setAttribute("aria-hidden", "true");
    frame.append(canvas, name);
    if (pressable) {
      frame.type = "button";
      frame.setAttribute("aria-label", `Image ${names[n]}`);
      frame.onclick = () => press(test, n);
    }
    return { n, frame, canvas, name };
  });
  test.find(".frames").replaceChildren(...made.map(({ frame }) => frame));
  return made;
}

// ---- the phases

function enter(test, phase, { say = "", begin = "", presses = [] } = {}) {
  test.phase = phase;
  const cover = test.find(".cover"), button = test.find(".begin"), frames = test.find(".frames");
  cover.hidden = phase === "showing";
  frames.inert = phase !== "showing";
  test.find(".say").textContent = say;
  button.textContent = begin;
  button.hidden = !begin;
  test.find(".presses").replaceChildren(...presses.map((name, n) => {
    const made = element("button", name);
    made.type = "button";
    made.setAttribute("aria-label", `Image ${name}`);
    made.onclick = () => press(test, n);
    return made;
  }));
  test.find(".pause").disabled = phase === "ready";
}

function ready(test, begun) {
  stop(test);
  enter(test, "ready", {
    say: begun ? "Your answers so far are kept. You can also close this page and go on later with its address." : "",
    begin: begun ? "Go on (Enter)" : "Begin (Enter)",
  });
}

function begin(test) {
  test.begun = true;
  show(test);
  test.find(".stage").focus({ preventScroll: true });
}

function show(test) {
  stop(test);
  const { data } = test;
  if (test.of !== layout(data)) {
    test.of = layout(data);
    test.slots = slots(test);
  }
  test.shown = data.number;
  if (data.seconds) return inTurn(test, 0);
  test.slots.forEach(({ n, canvas }) => paint(canvas, data.frames[n], data));
  enter(test, "showing");
  test.started = performance.now();
}

function inTurn(test, n) {
  const { data } = test, names = NAMES[data.method], [{ canvas, name }] = test.slots;
  if (n === data.frames.length) {
    enter(test, "asking", { say: ASKED[data.method], presses: names.slice(0, CHOICES) });
    return;
  }
  paint(canvas, data.frames[n], data);
  name.textContent = names[n];
  enter(test, "showing");
  if (!n) test.started = performance.now();
  after(test, 1000 * data.seconds, () => {
    enter(test, "blank");
    after(test, BLANK_MS, () => inTurn(test, n + 1));
  });
}

const answerable = (test) => test.phase === "asking" || (test.phase === "showing" && !test.data.seconds);

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

function after(test, milliseconds, act) {
  const turn = test.clock;
  setTimeout(() => turn === test.clock && act(), milliseconds);
}

function stop(test) { // whatever was to come
  test.clock += 1;
}

// ---- set up once; given new data with each run of the page

function build(root) {
  const test = { find: (selector) => root.querySelector(selector), clock: 0, begun: false, phase: "" };
  test.find(".begin").onclick = () => begin(test);
  test.find(".pause").onclick = () => pause(test);
  test.find(".test").onkeydown = (event) => onKey(test, event);
  return test;
}

function pause(test) {
  if (test.phase === "ready") return;
  if (test.phase === "sent") test.begun = false; // the next trial waits
  else ready(test, true);
  test.find(".begin").focus({ preventScroll: true });
}

function onKey(test, event) {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const chosen = KEYS[event.key.toLowerCase()] ?? KEYS[event.key];
  if (event.key === "Escape") pause(test);
  else if (event.key === "Enter" && test.phase === "ready") begin(test);
  else if (chosen !== undefined) press(test, chosen);
  else return;
  event.preventDefault();
}

const layout = ({ method, seconds, size }) => [method, seconds, size].join();

function describe(test) {
  const { number, total, method, seconds, width, smooth } = test.data, names = NAMES[method];
  test.find("progress").max = total;
  test.find("progress").value = number;
  test.find("progress").setAttribute("aria-label", "Trials answered");
  test.find(".count").textContent = `Trial ${number + 1} of ${total}`;
  test.find(".asked").textContent = ASKED[method];
  test.find(".keys").textContent =
    `${seconds ? "When all have been shown, press a button" : "Click or touch an image"}, or press ← or ${names[0]}, ` +
    `→ or ${names[1]}. Escape pauses. Where you see no difference, guess.`;
  test.find(".test").style.setProperty("--width", `${width}px`);
  test.find(".test").classList.toggle("smooth", smooth);
}

function adopt(test, data) {
  if (test.data?.turn === data.turn) return; // drawn again, with nothing new
  const first = !test.data, other = first || data.number !== test.data.number;
  test.data = data;
  describe(test);
  if (first) {
    show(test); // so that the stage is as large as it will be
    ready(test, false);
    test.find(".begin").focus({ preventScroll: true });
  } else if (test.phase === "sent") {
    stop(test);
    if (test.begun) after(test, Math.max(0, BLANK_MS - (performance.now() - test.since)), () => show(test));
    else ready(test, true);
  } else if (other && test.phase !== "ready") show(test);
}

const tests = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (!tests.has(parentElement)) tests.set(parentElement, build(parentElement));
  const test = tests.get(parentElement);
  test.send = setTriggerValue;
  adopt(test, data);
}
