// @ts-check
// The square is moved at once, and said to Python when it is let go of, or when no key was pressed for a moment.

/**
 * @typedef {{ source: string, size: [number, number], box: [number, number, number], title: string, least: number }} Given
 * @typedef {{ left: number, top: number, edge: number }} Box
 * @typedef {{ picture: HTMLElement, image: HTMLImageElement, square: HTMLButtonElement, said: HTMLElement, send: Send,
 *   given?: Given, box: Box, busy: boolean, timer: number }} State
 */

const PAUSE = 350; // ms

/** @param {Root} root @param {Send} send */
function build(root, send) {
  /** @type {State} */
  const state = {
    picture: find(root, ".picture", HTMLElement), image: find(root, "img", HTMLImageElement),
    square: find(root, ".square", HTMLButtonElement), said: find(root, ".said", HTMLElement),
    send, box: { left: 0, top: 0, edge: 1 }, busy: false, timer: 0,
  };
  state.square.setAttribute("aria-description", "Arrow keys move it, plus and minus change its size; with Shift, by more.");
  on(state.picture, ["dragstart"], (event) => event.preventDefault()); // the browser would drag the picture away
  on(state.square, ["pointerdown"], (event) => drag(state, event));
  on(state.square, ["keydown"], (event) => press(state, event));
  return state;
}

/** @param {State} state @param {Given} given */
function update(state, given) {
  state.given = given;
  const { source, size, box: [left, top, edge], title } = given;
  if (state.image.src !== source) state.image.src = source;
  state.picture.style.aspectRatio = `${size[0]} / ${size[1]}`;
  state.square.setAttribute("aria-label", `The square of ${title} that networks get`);
  if (!state.busy) place(state, { left, top, edge });
}

/** @param {State} state @param {Box} wanted */
function place(state, wanted) {
  if (!state.given) return;
  const [wide, tall] = state.given.size;
  const edge = Math.round(Math.min(Math.max(wanted.edge, state.given.least), wide, tall));
  const left = Math.round(Math.min(Math.max(wanted.left, 0), wide - edge));
  const top = Math.round(Math.min(Math.max(wanted.top, 0), tall - edge));
  state.box = { left, top, edge };
  const { style } = state.square;
  style.left = `${100 * left / wide}%`;
  style.top = `${100 * top / tall}%`;
  style.width = `${100 * edge / wide}%`;
  style.height = `${100 * edge / tall}%`;
  state.said.textContent = `${edge} × ${edge} of ${wide} × ${tall} pixels, ${left} from the left, ${top} from the top`;
}

/** @param {State} state */
function tell(state) {
  state.busy = false;
  const { left, top, edge } = state.box, [x, y, length] = state.given?.box ?? [];
  if (left !== x || top !== y || edge !== length) state.send("box", [left, top, edge]);
}

/** @param {State} state @param {PointerEvent} event */
function drag(state, event) {
  if (event.button || !state.given) return;
  const { square, picture, given, box: begun } = state, corner = event.target !== square;
  const scale = given.size[0] / picture.getBoundingClientRect().width;
  /** @param {PointerEvent} now */
  const move = (now) => {
    const x = (now.clientX - event.clientX) * scale, y = (now.clientY - event.clientY) * scale;
    // By its corner it grows as far as the picture goes, and stays where it begins.
    const most = Math.min(given.size[0] - begun.left, given.size[1] - begun.top);
    place(state, corner ? { ...begun, edge: Math.min(begun.edge + Math.max(x, y), most) }
      : { ...begun, left: begun.left + x, top: begun.top + y });
  };
  const end = () => {
    square.removeEventListener("pointermove", move);
    for (const kind of /** @type {const} */ (["pointerup", "pointercancel"])) square.removeEventListener(kind, end);
    tell(state);
  };
  state.busy = true;
  square.setPointerCapture(event.pointerId);
  square.addEventListener("pointermove", move);
  for (const kind of /** @type {const} */ (["pointerup", "pointercancel"])) square.addEventListener(kind, end);
}

/** @param {State} state @param {KeyboardEvent} event */
function press(state, event) {
  const { key, shiftKey, altKey, ctrlKey, metaKey } = event, { left, top, edge } = state.box;
  if (altKey || ctrlKey || metaKey || !state.given) return;
  const step = Math.max(1, Math.round(Math.max(...state.given.size) / (shiftKey ? 10 : 100)));
  /** @type {Record<string, Partial<Box>>} */
  const ways = {
    ArrowLeft: { left: left - step }, ArrowRight: { left: left + step }, ArrowUp: { top: top - step },
    ArrowDown: { top: top + step }, "+": { edge: edge + step }, "*": { edge: edge + step }, "=": { edge: edge + step },
    "-": { edge: edge - step }, _: { edge: edge - step },
  };
  if (!ways[key]) return;
  event.preventDefault();
  state.busy = true;
  place(state, { ...state.box, ...ways[key] });
  clearTimeout(state.timer);
  state.timer = window.setTimeout(() => tell(state), PAUSE);
}

export default component(build, update);
