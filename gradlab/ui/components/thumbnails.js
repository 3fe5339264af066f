// @ts-check
// One stop of the Tab key: arrows, Home and End go from image to image, Enter or Space chooses.

/**
 * @typedef {{ chosen: number, images: { place: number, title: string, source: string }[] }} Thumbnails
 * @typedef {{ strip: HTMLElement, send: Send }} Strip
 */

/** @param {Root} root @param {Send} send */
function build(root, send) {
  const strip = find(root, ".strip", HTMLElement);
  oneStop(strip);
  return { strip, send };
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
  const framed = /** @type {HTMLButtonElement | null} */ (strip.querySelector('[aria-pressed="true"]'));
  stopAt(strip, framed);
  if (!framed) return;
  if (held) framed.focus(); // it was chosen by key: the keyboard stays with it
  strip.scrollLeft = framed.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + framed.clientWidth / 2;
}

export default component(build, update);
