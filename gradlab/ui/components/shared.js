// @ts-check
// What all components share. `component` in `__init__.py` puts this before the script of each: the browser is given one.

/**
 * @typedef {HTMLElement | ShadowRoot} Root what a component is drawn in
 * @typedef {(name: string, value: unknown) => void} Send tells Python once
 */

/**
 * What Streamlit calls at each run of the page. The state of an instance is built when it is first drawn, kept by what it
 * is drawn in, and given what Python sends.
 * @template {{ send: Send }} State
 * @template Data
 * @param {(root: Root, send: Send) => State} build
 * @param {(state: State, data: Data) => void | (() => void)} update returns what tidies up, if anything does
 */
function component(build, update) {
  /** @type {WeakMap<Root, State>} */
  const states = new WeakMap();
  /** @param {{ data: Data, parentElement: Root, setTriggerValue: Send }} instance */
  return ({ data, parentElement, setTriggerValue }) => {
    const state = states.get(parentElement) ?? build(parentElement, setTriggerValue);
    states.set(parentElement, state);
    state.send = setTriggerValue;
    return update(state, data);
  };
}

/**
 * The first element that a selector finds.
 * @template {HTMLElement} Kind
 * @param {Root} root
 * @param {string} selector
 * @param {new () => Kind} kind
 */
function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`expected ${kind.name} for ${selector}, got ${found}`);
  return found;
}

/**
 * A new element.
 * @template {keyof HTMLElementTagNameMap} Kind
 * @param {Kind} kind
 */
function element(kind, text = "", name = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = name;
  return made;
}

/**
 * Act on events. What `act` returns plays no part: an `on…` property that returns false cancels a key, and whoever comes
 * by keyboard is caught.
 * @template {keyof HTMLElementEventMap} Kind
 * @param {HTMLElement} place
 * @param {Kind[]} kinds
 * @param {(event: HTMLElementEventMap[Kind]) => unknown} act
 */
function on(place, kinds, act) {
  for (const kind of kinds) place.addEventListener(kind, (event) => { act(event); });
}

/** A button that does nothing else. @param {string} label read out @param {() => void} act */
function button(label, act, text = "", name = "") {
  const made = element("button", text, name);
  made.type = "button";
  made.setAttribute("aria-label", label);
  on(made, ["click"], act);
  return made;
}

/**
 * Make the buttons of a room one stop of the Tab key: arrows, Home and End go from one to another.
 * @param {HTMLElement} room filled now or later; `stopAt` says which of its buttons is the stop
 */
function oneStop(room) {
  room.setAttribute("aria-description", "Arrow keys, Home and End go from one to another.");
  room.addEventListener("focusin", ({ target }) => { if (target instanceof HTMLButtonElement) stopAt(room, target); });
  room.addEventListener("keydown", (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event, all = [...room.querySelectorAll("button")];
    if (altKey || ctrlKey || metaKey || !(target instanceof HTMLButtonElement)) return;
    const here = all.indexOf(target);
    const goal = { Home: all[0], End: all.at(-1), ArrowLeft: all[here - 1], ArrowRight: all[here + 1] }[key]
      ?? (key === "ArrowUp" || key === "ArrowDown" ? below(target, all, key === "ArrowUp") : undefined);
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  });
}

/** @param {HTMLElement} room @param {HTMLButtonElement | null} [stop] the first, if there is none */
function stopAt(room, stop) {
  const all = [...room.querySelectorAll("button")];
  for (const one of all) one.tabIndex = one === (stop ?? all[0]) ? 0 : -1;
}

/** The nearest in the row below, or above. @param {Element} one @param {HTMLButtonElement[]} all @param {boolean} above */
function below(one, all, above) {
  const { top, left } = one.getBoundingClientRect(), way = above ? -1 : 1;
  const places = all.map((other) => ({ other, at: other.getBoundingClientRect() }));
  const further = places.filter(({ at }) => way * (at.top - top) > 1);
  const row = Math.min(...further.map(({ at }) => way * at.top));
  const next = further.filter(({ at }) => way * at.top < row + 1);
  return next.sort((a, b) => Math.abs(a.at.left - left) - Math.abs(b.at.left - left))[0]?.other;
}

/** @param {string} text in base64 */
function bytes(text) {
  const read = atob(text), found = new Uint8Array(read.length);
  for (let k = 0; k < read.length; k++) found[k] = read.charCodeAt(k);
  return found;
}

/**
 * Fill a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {(pixel: number, channel: number) => number} colour 0 to 255
 */
function paint(canvas, width, height, colour) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const picture = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) picture.data[4 * pixel + channel] = colour(pixel, channel);
    picture.data[4 * pixel + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}
