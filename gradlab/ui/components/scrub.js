// @ts-check
// The step under the hand: what is drawn in `scrub.shown.js` follows from the image x and the direction d that were sent
// once. Nothing is asked of the server until the handle is let go.

const VIEWS = ["Image", "Noise", "Perturbed", "Signed difference"];
const FLICKER_MS = 250; // each image: two full changes a second

// ---- what the hand does

/** @param {Lab} lab @param {number} epsilon */
function move(lab, epsilon) {
  lab.epsilon = epsilon;
  soon(lab);
}

/** @param {Lab} lab */
function release(lab) {
  lab.dragging = false;
  if (lab.epsilon === (lab.sent ?? lab.heard)) return;
  lab.sent = lab.epsilon;
  lab.send("epsilon", lab.epsilon);
}

/** @param {Lab} lab @param {boolean} held */
function compare(lab, held) {
  lab.held = held;
  lab.comparing = held;
  soon(lab);
}

/** Or not, as the button says; begun anew when the page has run. @param {Lab} lab */
function alternate(lab) {
  clearInterval(lab.timer);
  lab.comparing = Boolean(lab.held);
  if (!lab.alternating) return;
  lab.timer = setInterval(() => {
    lab.comparing = !lab.comparing;
    soon(lab);
  }, FLICKER_MS);
}

/** @param {Lab} lab @param {KeyboardEvent} event */
function onKey(lab, event) {
  /** @type {Record<string, boolean>} */
  const forward = { ArrowRight: true, ArrowUp: true, PageUp: true, ArrowLeft: false, ArrowDown: false, PageDown: false };
  if (event.key === "Home") move(lab, 0);
  else if (event.key in forward) {
    const coarse = event.shiftKey || event.key.startsWith("Page");
    move(lab, step(lab, coarse ? lab.coarse : lab.grid, forward[event.key]));
  } else return;
  lab.dragging = true; // until the key is let go: what the server says of an earlier key must not undo this one
  event.preventDefault();
}

/** @param {Lab} lab @param {number} column @param {number} row */
function look(lab, column, row) {
  /** @param {number} value */
  const within = (value) => Math.max(0, Math.min(lab.size - 1, value));
  lab.pixel = [within(column), within(row)];
  soon(lab);
}

/** @param {Lab} lab @param {KeyboardEvent} event */
function onCanvasKey(lab, event) {
  /** @type {Record<string, [number, number]>} */
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key === "Escape") lab.pixel = null;
  else if (event.key === "Enter") look(lab, lab.size >> 1, lab.size >> 1);
  else if (lab.pixel && event.key in moves) look(lab, lab.pixel[0] + moves[event.key][0], lab.pixel[1] + moves[event.key][1]);
  else return;
  event.preventDefault();
  soon(lab);
}

// ---- set up once; given new data with each run of the page

/** @param {Root} root @param {Send} send */
function build(root, send) {
  const lab = /** @type {Lab} */ ({
    /** @param {string} selector */
    find: (selector) => find(root, selector, HTMLElement),
    slider: find(root, "input", HTMLInputElement),
    send, sent: null, dragging: false, held: false, comparing: false, alternating: false, pixel: null, frame: null,
  });
  const figures = VIEWS.map((title) => {
    const figure = element("figure"), canvas = element("canvas"), note = element("p", "", "note");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.title = "Click, or Enter, to see a pixel's numbers";
    canvas.onclick = (event) => {
      const box = canvas.getBoundingClientRect(), scale = lab.size / box.width;
      look(lab, Math.floor((event.clientX - box.left) * scale), Math.floor((event.clientY - box.top) * scale));
    };
    canvas.onkeydown = (event) => onCanvasKey(lab, event);
    figure.append(element("figcaption", title), canvas, note);
    return { figure, canvas, note };
  });
  lab.find(".panels").replaceChildren(...figures.map(({ figure }) => figure));
  lab.canvases = figures.map(({ canvas }) => canvas);
  lab.notes = figures.map(({ note }) => note);
  lab.cells = Array.from({ length: (2 * AROUND + 1) ** 2 }, () => element("div"));
  lab.cells[lab.cells.length >> 1].className = "middle";
  lab.find(".cells").replaceChildren(...lab.cells);
  listen(lab);
  return lab;
}

/** @param {Lab} lab */
function listen(lab) {
  const { slider } = lab, hold = lab.find(".hold");
  slider.oninput = () => {
    lab.dragging = true;
    move(lab, toEpsilon(lab, Number(slider.value)));
  };
  slider.onchange = () => release(lab);
  slider.onkeydown = (event) => onKey(lab, event);
  slider.onkeyup = () => release(lab);
  slider.onblur = () => release(lab);
  hold.onpointerdown = () => compare(lab, true);
  hold.onpointerup = hold.onpointerleave = hold.onpointercancel = () => lab.held && compare(lab, false);
  const section = lab.find(".lab");
  section.onkeydown = (event) => event.key.toLowerCase() === "b" && !event.ctrlKey && !event.metaKey && compare(lab, true);
  section.onkeyup = (event) => event.key.toLowerCase() === "b" && compare(lab, false);
  lab.find(".flicker").onclick = () => {
    lab.alternating = !lab.alternating;
    alternate(lab);
    soon(lab);
  };
  lab.find(".close").onclick = () => { lab.pixel = null; soon(lab); };
  lab.find(".rounding").onclick = () => {
    lab.rounded = !lab.rounded;
    lab.send("rounded", lab.rounded);
    soon(lab);
  };
}

/** @param {Lab} lab @param {Sent} data */
function adopt(lab, data) {
  const anew = data.of !== lab.of;
  if (anew) {
    Object.assign(lab, { x: floats(data.x), d: floats(data.d) });
    Object.assign(lab, { shares: floats(data.shares), roundedShares: floats(data.rounded_shares) });
  }
  // While a move is on its way, the server may once more say what it said before; and nothing stops a hand that drags.
  const stale = lab.sent !== null && data.epsilon === lab.heard && !anew;
  if (!stale) lab.sent = null;
  if (anew || !(stale || lab.dragging)) lab.epsilon = data.epsilon;
  lab.heard = data.epsilon;
  const { of, size, channels, gain, grid, coarse, reach, straight, unit, classes, rounded, halfway, exact } = data;
  Object.assign(lab, { of, size, channels, gain, grid, coarse, reach, straight, unit, classes, rounded, halfway, exact });
}

/** @param {Lab} lab @param {Sent} data */
function describe(lab, data) {
  lab.find(".lab").style.setProperty("--rule", data.colour);
  lab.find(".slider").title = data.help;
  lab.canvases.forEach((canvas, n) => {
    canvas.setAttribute("aria-label", data.alt[n]);
  });
  [0, 1, 3].forEach((n) => { lab.notes[n].textContent = data.notes[n]; });
  lab.find(".ticks").replaceChildren(...data.ticks.map(([epsilon, text]) => {
    const tick = element("span", text);
    tick.style.left = `${50 + 50 * toPlace(lab, epsilon)}%`;
    return tick;
  }));
  const zero = lab.grid.indexOf(0), count = lab.classes.length;
  lab.bars = data.shown.map((k) => {
    const bar = element("div", "", "bar"), after = element("div", "", "after"), before = element("div", "", "before");
    before.style.left = `${100 * lab.shares[zero * count + k]}%`;
    bar.append(after, before);
    return { k, bar, after, name: element("span", lab.classes[k] + (k === data.label ? " ✓" : "")), share: element("span", "", "share") };
  });
  lab.find(".beliefs").replaceChildren(...lab.bars.flatMap(({ name, bar, share }) => [name, bar, share]));
}

/** @param {Lab} lab @param {Sent} data */
function update(lab, data) {
  adopt(lab, data);
  describe(lab, data);
  alternate(lab);
  draw(lab);
  return () => clearInterval(lab.timer);
}

export default component(build, update);
