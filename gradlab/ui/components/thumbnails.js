// @ts-check

/**
 * @typedef {{ chosen: number, images: { place: number, title: string, source: string }[] }} Thumbnails
 * @typedef {{ strip: HTMLElement, send: Send }} Strip
 */

/** @param {Strip} state @param {Thumbnails} data */
function update({ strip, send }, { chosen, images }) {
  strip.replaceChildren(...images.map(({ place, title, source }) => {
    const made = button(title, () => send("picked", place)), picture = element("img");
    made.setAttribute("aria-pressed", String(place === chosen));
    made.title = title;
    picture.src = source;
    picture.alt = "";
    made.append(picture);
    return made;
  }));
  const framed = strip.querySelector('[aria-pressed="true"]');
  if (!(framed instanceof HTMLElement)) return;
  strip.scrollLeft = framed.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + framed.clientWidth / 2;
}

export default component((root, send) => ({ strip: find(root, ".strip", HTMLElement), send }), update);
