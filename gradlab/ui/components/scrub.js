// The step under the hand: clip(x + εd), and all that is drawn of it, from the image x and the direction d that were
// sent once. Nothing is asked of the server until the handle is let go.
//
// The pixels are the backend's, bit for bit: each intermediate value is rounded to float32 where numpy or torch does.

const f32 = Math.fround;
const clip = (value) => Math.min(1, Math.max(0, value));
const VIEWS = ["Image", "Noise", "Perturbed", "Signed difference"];
const BLUE_TO_RED = [[33, 102, 172], [247, 247, 247], [178, 24, 43]];
const FLICKER_MS = 250; // each image: two full changes a second
const MAGNET = 0.008; // of half the slider: so near to an epsilon of the grid, the handle takes it
const AROUND = 3; // pixels to each side of the one that is zoomed on

// ---- numbers

function floats(text) {
  return new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

function rint(value) { // half to even, as numpy and torch round
  const low = Math.floor(value), rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2) ? low + 1 : low;
}

const toLevel = (value) => rint(f32(clip(value) * 255));
const toEightBit = (value) => f32(rint(f32(value * 255)) / 255);

function perturbed(lab) {
  const { x, d } = lab, epsilon = f32(lab.epsilon), result = new Float32Array(x.length);
  for (let k = 0; k < x.length; k++) {
    const moved = clip(f32(x[k] + epsilon * d[k]));
    result[k] = lab.rounded ? toEightBit(moved) : moved;
  }
  return result;
}

function blueToRed(value, channel) {
  const at = Math.max(-1, Math.min(1, value)), [low, middle, high] = BLUE_TO_RED.map((colour) => colour[channel]);
  return rint(at < 0 ? (middle - low) * (at + 1) + low : (high - middle) * at + middle);
}

// ---- pictures

function paint(canvas, size, colour) {
  const context = canvas.getContext("2d"), picture = context.createImageData(size, size);
  for (let pixel = 0; pixel < size * size; pixel++) {
    for (let channel = 0; channel < 3; channel++) picture.data[4 * pixel + channel] = colour(pixel, channel);
    picture.data[4 * pixel + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

function paintAll(lab, moved) {
  const { x, size, channels, gain, canvases } = lab, plane = size * size;
  const at = (pixel, channel) => pixel + (channels === 1 ? 0 : channel * plane);
  const delta = (k) => f32(moved[k] - x[k]);
  const mean = (pixel) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum = f32(sum + delta(pixel + channel * plane));
    return f32(f32(sum / channels) * gain);
  };
  const seen = lab.comparing ? x : moved;
  paint(canvases[0], size, (pixel, channel) => toLevel(x[at(pixel, channel)]));
  paint(canvases[1], size, (pixel, channel) => toLevel(f32(0.5 + f32(gain * delta(at(pixel, channel))) / 2)));
  paint(canvases[2], size, (pixel, channel) => toLevel(seen[at(pixel, channel)]));
  paint(canvases[3], size, (pixel, channel) => blueToRed(mean(pixel), channel));
}

// ---- the slider: signed and logarithmic, straight near 0, as the curves' axes are

function toPlace(lab, epsilon) {
  const squeeze = (value) => Math.log10(1 + Math.abs(value) / lab.straight);
  return (Math.sign(epsilon) * squeeze(epsilon)) / squeeze(lab.reach);
}

function toEpsilon(lab, place) {
  const near = lab.grid.find((epsilon) => Math.abs(toPlace(lab, epsilon) - place) < MAGNET);
  if (near !== undefined) return near;
  const size = lab.straight * (10 ** (Math.abs(place) * Math.log10(1 + lab.reach / lab.straight)) - 1);
  return Math.sign(place) * Math.min(lab.reach, roundNumber(lab, size));
}

function roundNumber(lab, size) { // so that it can be read and written down
  if (lab.unit !== "pixel") return Number(size.toPrecision(2));
  const level = size * 255, parts = level < 8 ? 10 : level < 32 ? 4 : 1;
  return Math.round(level * parts) / parts / 255;
}

function step(lab, stops, forward) { // the next of these, beyond where the handle is
  const beyond = stops.filter((stop) => (forward ? stop > lab.epsilon + 1e-9 : stop < lab.epsilon - 1e-9));
  return beyond.length ? beyond[forward ? 0 : beyond.length - 1] : lab.epsilon;
}

function write(lab, epsilon) {
  const sign = epsilon < 0 ? "−" : epsilon > 0 ? "+" : "", size = Math.abs(epsilon);
  const number = String(Number((lab.unit === "pixel" ? size * 255 : size).toPrecision(4)));
  return sign + number + (lab.unit === "pixel" && epsilon ? "/255" : "");
}

// ---- what the network believes

function belief(lab) { // at the nearest epsilon that it was asked at; nothing is made up between them
  const { exact, grid, rounded } = lab;
  if (exact && exact.epsilon === lab.epsilon) {
    return { at: lab.epsilon, exact: true, shares: rounded ? exact.rounded : exact.plain };
  }
  const here = toPlace(lab, lab.epsilon);
  let best = 0;
  grid.forEach((epsilon, k) => {
    if (Math.abs(toPlace(lab, epsilon) - here) < Math.abs(toPlace(lab, grid[best]) - here)) best = k;
  });
  const all = rounded ? lab.roundedShares : lab.shares, count = lab.classes.length;
  return { at: grid[best], exact: grid[best] === lab.epsilon, shares: all.subarray(best * count, (best + 1) * count) };
}

const halfway = (lab, epsilon) => lab.rounded && lab.halfway !== null && Math.abs(epsilon) < 1
  && Math.abs((Math.abs(epsilon) * 255) % 1 - 0.5) <= lab.halfway;

const percent = (share) => `${(100 * share).toFixed(1)}%`;
const topOf = (shares) => shares.indexOf(Math.max(...shares));
const said = (lab, shares) => `${lab.classes[topOf(shares)]}, ${percent(Math.max(...shares))}`;

function showBelief(lab) {
  const { at, exact, shares } = belief(lab), top = topOf(shares);
  lab.bars.forEach(({ name, after, share, k }) => {
    after.style.transform = `scaleX(${shares[k]})`;
    share.textContent = percent(shares[k]);
    name.classList.toggle("top", k === top);
    share.classList.toggle("top", k === top);
  });
  const nearest = exact ? "" : ` at ${write(lab, at)}`;
  lab.notes[2].textContent = lab.comparing ? "the clean image, to compare" : `network${nearest}: ${said(lab, shares)}`;
  lab.find(".source").textContent =
    `Bars: the probabilities at ε = ${write(lab, at)}${lab.rounded ? ", after rounding to 8 bit" : ""}` +
    (exact ? "." : `, the nearest of ${lab.grid.length} computed beforehand; the exact ones come when you let go.`) +
    " Upright lines: the clean image. ✓ marks the true class." +
    (halfway(lab, at) ? " Halfway between two levels, float noise rounds each value up or down: one image of many." : "");
}

function showMeasures(lab, moved) {
  let squares = 0, largest = 0;
  for (let k = 0; k < moved.length; k++) {
    const change = Math.abs(f32(moved[k] - lab.x[k]));
    squares += change * change;
    largest = Math.max(largest, change);
  }
  const psnr = squares ? `${(-10 * Math.log10(squares / moved.length)).toFixed(1)} dB` : "∞";
  lab.find(".numbers").textContent =
    `L2 ${Math.sqrt(squares).toPrecision(3)} · L∞ ${(255 * largest).toPrecision(3)}/255 · PSNR ${psnr}`;
}

// ---- one pixel and those around it

function showZoom(lab, moved) {
  const panel = lab.find(".zoom");
  panel.hidden = !lab.pixel;
  if (!lab.pixel) return;
  const { x, size, channels, pixel: [column, row] } = lab, plane = size * size, names = channels === 1 ? [""] : ["R ", "G ", "B "];
  const change = (k) => (255 * (moved[k] - x[k])).toFixed(lab.rounded ? 0 : 1).replace("-", "−");
  const signed = (text) => (text.startsWith("−") || /^0(\.0)?$/.test(text) ? text : `+${text}`);
  lab.find(".where").textContent = `Column ${column}, row ${row} of ${size}×${size}: ` + names.map((name, channel) => {
    const k = channel * plane + row * size + column;
    return `${name}${(255 * x[k]).toFixed(0)} → ${(255 * moved[k]).toFixed(lab.rounded ? 0 : 1)} (d = ${lab.d[k].toPrecision(3)})`;
  }).join(" · ");
  lab.cells.forEach((cell, n) => {
    const i = column - AROUND + (n % (2 * AROUND + 1)), j = row - AROUND + Math.floor(n / (2 * AROUND + 1));
    const inside = i >= 0 && j >= 0 && i < size && j < size;
    cell.style.visibility = inside ? "visible" : "hidden";
    if (!inside) return;
    const places = names.map((_, channel) => channel * plane + j * size + i);
    const levels = places.map((k) => toLevel(moved[k]));
    const [red, green, blue] = levels.length === 1 ? [levels[0], levels[0], levels[0]] : levels;
    cell.style.background = `rgb(${red} ${green} ${blue})`;
    cell.style.color = 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#000" : "#fff";
    cell.replaceChildren(...places.map((k, channel) => element("span", `${levels[channel]} ${signed(change(k))}`)));
  });
}

// ---- drawing, once a frame at most

function draw(lab) {
  const moved = perturbed(lab), { from, to } = ends(lab);
  paintAll(lab, moved);
  lab.slider.value = String(toPlace(lab, lab.epsilon));
  lab.slider.setAttribute("aria-valuetext", write(lab, lab.epsilon));
  lab.find(".value").textContent = `ε = ${write(lab, lab.epsilon)}`;
  Object.assign(lab.find(".fill").style, { left: `${from}%`, width: `${to - from}%` });
  showBelief(lab);
  showMeasures(lab, moved);
  showZoom(lab, moved);
  lab.find(".flicker").setAttribute("aria-pressed", String(Boolean(lab.alternating)));
  lab.find(".rounding").setAttribute("aria-pressed", String(lab.rounded));
  lab.find(".hold").classList.toggle("held", Boolean(lab.held));
}

function ends(lab) {
  const place = 50 + 50 * Math.max(-1, Math.min(1, toPlace(lab, lab.epsilon)));
  return { from: Math.min(50, place), to: Math.max(50, place) };
}

function soon(lab) {
  lab.frame ??= requestAnimationFrame(() => {
    lab.frame = null;
    draw(lab);
  });
}

// ---- what the hand does

function element(kind, text = "", name = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = name;
  return made;
}

function move(lab, epsilon) {
  lab.epsilon = epsilon;
  soon(lab);
}

function release(lab) {
  lab.dragging = false;
  if (lab.epsilon === (lab.sent ?? lab.heard)) return;
  lab.sent = lab.epsilon;
  lab.send("epsilon", lab.epsilon);
}

function compare(lab, held) {
  lab.held = held;
  lab.comparing = held;
  soon(lab);
}

function alternate(lab) { // or not, as the button says; begun anew when the page has run
  clearInterval(lab.timer);
  lab.comparing = Boolean(lab.held);
  if (!lab.alternating) return;
  lab.timer = setInterval(() => {
    lab.comparing = !lab.comparing;
    soon(lab);
  }, FLICKER_MS);
}

function onKey(lab, event) {
  const forward = { ArrowRight: true, ArrowUp: true, PageUp: true, ArrowLeft: false, ArrowDown: false, PageDown: false };
  if (event.key === "Home") move(lab, 0);
  else if (event.key in forward) {
    const coarse = event.shiftKey || event.key.startsWith("Page");
    move(lab, step(lab, coarse ? lab.coarse : lab.grid, forward[event.key]));
  } else return;
  lab.dragging = true; // until the key is let go: what the server says of an earlier key must not undo this one
  event.preventDefault();
}

function look(lab, column, row) {
  const within = (value) => Math.max(0, Math.min(lab.size - 1, value));
  lab.pixel = [within(column), within(row)];
  soon(lab);
}

function onCanvasKey(lab, event) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key === "Escape") lab.pixel = null;
  else if (event.key === "Enter") look(lab, lab.size >> 1, lab.size >> 1);
  else if (lab.pixel && event.key in moves) look(lab, lab.pixel[0] + moves[event.key][0], lab.pixel[1] + moves[event.key][1]);
  else return;
  event.preventDefault();
  soon(lab);
}

// ---- set up once; given new data with each run of the page

function build(root) {
  const lab = { find: (selector) => root.querySelector(selector), sent: null, comparing: false, pixel: null };
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
  lab.slider = lab.find("input");
  listen(lab);
  return lab;
}

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

function describe(lab, data) {
  lab.find(".lab").style.setProperty("--rule", data.colour);
  lab.find(".slider").title = data.help;
  lab.canvases.forEach((canvas, n) => {
    if (canvas.width !== lab.size) canvas.width = canvas.height = lab.size;
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

const labs = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (!labs.has(parentElement)) labs.set(parentElement, build(parentElement));
  const lab = labs.get(parentElement);
  lab.send = setTriggerValue;
  adopt(lab, data);
  describe(lab, data);
  alternate(lab);
  draw(lab);
  return () => clearInterval(lab.timer);
}
