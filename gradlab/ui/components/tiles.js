// @ts-check

/**
 * @typedef {{ id: string, name: string, lines: string[], flipped: boolean, middle: boolean }} Tile
 * @typedef {{ layout: "grid" | "rows", label: string, size: [number, number], across: number, sheet: string,
 *   photographs: boolean, groups: { title: string, tiles: Tile[] }[] }} Given
 * @typedef {{ root: HTMLElement, watch: ResizeObserver, left?: number, scrolled?: boolean, send: Send }} State
 *   left: where `centre` scrolled; scrolled: someone did, elsewhere
 */

/** The middle stays in the middle, however late the page finds its width, until someone scrolls. @param {State} state */
function centre(state) {
  const { root } = state;
  root.scrollLeft = (root.scrollWidth - root.clientWidth) / 2;
  state.left = root.scrollLeft;
}

/** @param {Root} parent @param {Send} send */
function build(parent, send) {
  const root = find(parent, ".tiles", HTMLElement);
  const watch = new ResizeObserver(() => {
    if (root.classList.contains("rows") && !state.scrolled) centre(state);
  });
  root.addEventListener("scroll", () => {
    // What ends at the very end was nobody: a frame that grows has room for less to scroll.
    const end = root.scrollWidth - root.clientWidth;
    if (root.scrollLeft !== state.left && root.scrollLeft < end - 1) state.scrolled = true;
  });
  oneStop(root);
  /** @type {State} */
  const state = { root, watch, send };
  return state;
}

/** @param {State} state @param {Given} data */
function update(state, data) {
  const { root } = state, rows = data.layout === "rows", [width, height] = data.size;
  if (!root.classList.contains("rows")) state.scrolled = false;
  root.classList.toggle("rows", rows);
  root.classList.toggle("photographs", data.photographs); // whose words stand under them, not beside
  root.setAttribute("aria-label", data.label);
  root.style.setProperty("--width", `${width}px`);
  root.style.setProperty("--height", `${height}px`);
  const across = `${data.across * width}px auto`;
  const sheet = element("style", `.picture { background-image: url(${data.sheet}); background-size: ${across}; }`);
  let place = 0;
  root.replaceChildren(sheet, ...data.groups.flatMap(({ title, tiles }) => {
    const group = element("div", "", "group");
    group.append(...tiles.map((tile) => {
      const made = drawn(state, tile), picture = element("span", "", "picture");
      picture.style.backgroundPosition =
        `${-(place % data.across) * width}px ${-Math.floor(place / data.across) * height}px`;
      place += 1;
      made.prepend(picture);
      return made;
    }));
    if (!title) return [group];
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", title);
    return [element("h3", title), group];
  }));
  stopAt(root, /** @type {HTMLButtonElement | null} */ (root.querySelector("button.middle")));
  if (rows && !state.scrolled) centre(state);
  state.watch.observe(root);
}

/** A tile without its picture. @param {State} state @param {Tile} tile */
function drawn(state, { id, name, lines, flipped, middle }) {
  const made = button(name, () => state.send("picked", id));
  made.title = name;
  made.classList.toggle("flipped", flipped);
  made.classList.toggle("middle", middle);
  made.append(...lines.map((text) => element("span", text, "line")));
  return made;
}

export default component(build, update);
