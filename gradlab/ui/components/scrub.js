// @ts-check
// The step under the hand: what is drawn in `scrub.shown.js` follows from the image x and the direction d that were sent
// once. Nothing is asked of the server until the handle is let go.

const VIEWS = ["Image", "Noise", "Perturbed"];
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
    move(lab, step(lab, coarse ? lab.coarse : lab.fine, forward[event.key]));
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
  if (event.key === "Escape") closeZoom(lab);
  else if (event.key === "Enter" || event.key === " ") look(lab, lab.size >> 1, lab.size >> 1);
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
    slider: find(root, ".slider input", HTMLInputElement),
    field: find(root, ".exact input", HTMLInputElement),
    search: find(root, ".more input", HTMLInputElement),
    pictures: /** @type {Picture[]} */ ([]), send, sent: null, dragging: false, held: false, comparing: false, alternating: false, trueSize: false, typing: false,
    pixel: null, frame: null,
  });
  const figures = VIEWS.map((title) => {
    const figure = element("figure"), canvas = element("canvas"), note = element("p", "", "note");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.title = "Click, or Enter, to see a pixel's numbers";
    on(canvas, ["focus"], () => { lab.looked = canvas; });
    on(canvas, ["click"], (event) => {
      const box = canvas.getBoundingClientRect(), scale = lab.size / box.width;
      look(lab, Math.floor((event.clientX - box.left) * scale), Math.floor((event.clientY - box.top) * scale));
    });
    on(canvas, ["keydown"], (event) => onCanvasKey(lab, event));
    figure.className = title.toLowerCase();
    figure.append(element("figcaption", title), canvas, note);
    return { figure, canvas, note };
  });
  ["plus", "equals", "beliefs"].forEach((name, n) => lab.find(`.${name}`).before(figures[n].figure));
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
  const { slider, field } = lab, hold = lab.find(".hold"), section = lab.find(".lab");
  on(slider, ["input"], () => {
    lab.dragging = true;
    move(lab, toEpsilon(lab, Number(slider.value)));
  });
  on(slider, ["change", "keyup", "blur"], () => release(lab));
  on(slider, ["keydown"], (event) => onKey(lab, event));
  on(field, ["input"], () => { lab.typing = true; });
  on(field, ["change"], () => lab.send("typed", field.value));
  on(field, ["change", "blur"], () => { // what is refused is shown no longer
    lab.typing = false;
    soon(lab);
  });
  on(hold, ["pointerdown"], () => compare(lab, true));
  on(hold, ["pointerup", "pointerleave", "pointercancel", "blur"], () => lab.held && compare(lab, false));
  on(hold, ["keydown"], (event) => [" ", "Enter"].includes(event.key) && compare(lab, true));
  on(section, ["keydown"], (event) => isHold(lab, event) && compare(lab, true));
  on(section, ["keyup"], (event) => lab.held && (isHold(lab, event) || event.target === hold) && compare(lab, false));
  on(lab.find(".flicker"), ["click"], () => {
    lab.alternating = !lab.alternating;
    alternate(lab);
    soon(lab);
  });
  on(lab.search, ["change"], () => addClass(lab));
  on(lab.search, ["input"], (event) => { // chosen from the list, not typed
    if (!(event instanceof InputEvent) || event.inputType === "insertReplacementText") addClass(lab);
  });
  on(lab.find(".close"), ["click"], () => closeZoom(lab));
  on(lab.find(".rounding"), ["click"], () => {
    lab.rounded = !lab.rounded;
    lab.send("rounded", lab.rounded);
    soon(lab);
  });
  on(lab.find(".true-size"), ["click"], () => {
    lab.trueSize = !lab.trueSize;
    measureSize(lab);
    soon(lab);
  });
  new ResizeObserver(() => {
    if (!lab.x) return; // nothing was sent yet
    measureSize(lab);
    soon(lab);
  }).observe(figureOf(lab));
}

/** The key B, where it is no letter. @param {Lab} lab @param {KeyboardEvent} event */
const isHold = (lab, event) => event.key.toLowerCase() === "b" && !event.ctrlKey && !event.metaKey && event.target !== lab.field;

/** And give the keyboard back to the picture that it came from. @param {Lab} lab */
function closeZoom(lab) {
  lab.pixel = null;
  lab.looked?.focus();
  soon(lab);
}

/** @param {Lab} lab @param {Sent} data */
function adopt(lab, data) {
  const anew = data.of !== lab.of;
  if (anew) {
    Object.assign(lab, { x: unpacked(data.x), d: unpacked(data.d), size: data.size, channels: data.channels });
    makeRoom(lab);
    paintClean(lab);
  }
  // While a move is on its way, the server may once more say what it said before; and nothing stops a hand that drags.
  const stale = lab.sent !== null && data.epsilon === lab.heard && !anew;
  if (!stale) lab.sent = null;
  if (anew || !(stale || lab.dragging)) lab.epsilon = data.epsilon;
  lab.heard = data.epsilon;
  const { of, gain, signed, fine, coarse, reach, straight, unit, label, added } = data;
  Object.assign(lab, { of, gain, signed, fine, coarse, reach, straight, unit, label, added });
  const { rounded, halfway, written, invitation, judged, exact: { epsilon, plain, rounded: eight } } = data;
  Object.assign(lab, { rounded, halfway, written, invitation, judged });
  lab.exact = { epsilon, plain: read(plain), rounded: read(eight) };
  adoptAlong(lab, data);
  offerClasses(lab, data.classes);
}

/** @param {Lab} lab @param {Sent} data */
function describe(lab, data) {
  lab.find(".lab").style.setProperty("--rule", data.colour);
  lab.find(".lab").classList.toggle("on-dark", isDark(lab.find(".lab")));
  lab.find(".slider").title = data.help;
  lab.find(".towards").textContent = `← ${data.ends[0]}`;
  lab.find(".away").textContent = `${data.ends[1]} →`;
  lab.find(".numbers").title = data.judged_by;
  lab.canvases.forEach((canvas, n) => {
    canvas.setAttribute("aria-label", data.alt[n]);
  });
  lab.notes[1].textContent = data.note;
  lab.find(".ticks").replaceChildren(...data.ticks.map(([epsilon, text]) => {
    const tick = element("span", text);
    tick.style.left = `${50 + 50 * toPlace(lab, epsilon)}%`;
    return tick;
  }));
  lab.find(".more").hidden = lab.shown.length >= lab.classes.length;
  makeBars(lab);
}

/** @param {Lab} lab @param {Sent} data */
function update(lab, data) {
  /** @param {Event} event */
  const hear = (event) => event instanceof CustomEvent && adoptFiner(lab, event.detail);
  adopt(lab, data);
  describe(lab, data);
  measureSize(lab);
  alternate(lab);
  draw(lab);
  document.addEventListener("gradlab-finer", hear);
  return () => {
    clearInterval(lab.timer);
    document.removeEventListener("gradlab-finer", hear);
  };
}

export default component(build, update);
