// @ts-check
// One stop of the Tab key: arrows, Home and End go from image to image, Enter or Space chooses.

/**
 * @typedef {{ chosen: number, images: { place: number, title: string, source: string }[] }} Thumbnails
 * @typedef {{ strip: HTMLElement, send: Send }} Strip
 */

/** @param {Root} root @param {Send} send */
function build(root, send) {
  const strip = find(root, ".strip", HTMLElement);
  on(strip, ["keydown"], (event) => walk(strip, event));
  return { strip, send };
}

/** @param {HTMLElement} strip @param {KeyboardEvent} event */
function walk(strip, event) {
  const all = [...strip.querySelectorAll("button")], here = all.findIndex((one) => one === event.target);
  /** @type {Record<string, number>} */
  const goals = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: all.length - 1 };
  const goal = all[goals[event.key]];
  if (here < 0 || !goal) return;
  event.preventDefault();
  stopAt(strip, goal);
  goal.focus();
}

/** @param {HTMLElement} strip @param {HTMLElement} stop */
function stopAt(strip, stop) {
  for (const one of strip.querySelectorAll("button")) one.tabIndex = one === stop ? 0 : -1;
}

/** @param {Strip} state @param {Thumbnails} data */
function update({ strip, send }, { chosen, images }) {
  const root = /** @type {Document | ShadowRoot} */ (strip.getRootNode()), held = strip.contains(root.activeElement);
  strip.replaceChildren(...images.map(({ place, title, source }) => {
    const made = button(title, () => send("picked", place)), picture = element("img");
    made.setAttribute("aria-pressed", String(place === chosen));
    made.title = title;
    picture.src = source;
    picture.alt = "";
    made.append(picture);
    return made;
  }));
  const framed = strip.querySelector('[aria-pressed="true"]'), stop = framed ?? strip.firstElementChild;
  if (stop instanceof HTMLElement) {
    stopAt(strip, stop);
    if (held) stop.focus(); // it was chosen by key: the keyboard stays with it
  }
  if (!(framed instanceof HTMLElement)) return;
  strip.scrollLeft = framed.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + framed.clientWidth / 2;
}

export default component(build, update);
