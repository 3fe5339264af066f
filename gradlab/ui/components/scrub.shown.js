// @ts-check
// What is drawn of the step under the hand, and when: the handle, the numbers of the image, the pixel that is zoomed on.

const AROUND = 3; // pixels to each side of the one that is zoomed on

// ---- numbers of the whole image

/** @param {Lab} lab */
function showMeasures(lab) {
  const { x, moved } = lab;
  let squares = 0, largest = 0;
  for (let k = 0; k < moved.length; k++) {
    const change = Math.abs(f32(moved[k] - x[k]));
    squares += change * change;
    if (change > largest) largest = change;
  }
  const psnr = -10 * Math.log10(squares / moved.length), said = lab.judged.find(([limit]) => psnr >= limit)?.[1] ?? "";
  lab.find(".numbers").textContent =
    `L2 ${Math.sqrt(squares).toPrecision(3)} · L∞ ${(255 * largest).toPrecision(3)}/255 · ` +
    (squares ? `PSNR ${psnr.toFixed(1)} dB: ${said}` : "no change at all");
}

/** What the first image has its room in. @param {Lab} lab */
const figureOf = (lab) => /** @type {HTMLElement} */ (lab.canvases[0].parentElement);

/**
 * How large the images are: asked for when that changes, for to ask makes the browser lay out the page. A large one takes
 * quarters of its size, so that what is doubled of its pixels makes a regular pattern.
 * @param {Lab} lab
 */
function measureSize(lab) {
  const room = (figureOf(lab).getBoundingClientRect().width * devicePixelRatio) / lab.size;
  const times = lab.trueSize ? 1 : room < 1 || room > 4 ? room : Math.floor(4 * room) / 4, width = (times * lab.size) / devicePixelRatio;
  for (const { style } of lab.canvases) {
    style.width = times === room ? "" : `${width}px`;
    style.imageRendering = times < 1 ? "auto" : "";
  }
  lab.find(".true-size").setAttribute("aria-pressed", String(lab.trueSize));
  const shown = times === 1 ? "at its own size" : `${Number(times.toPrecision(2))} times as large`;
  lab.shownAs = ` Each image of ${lab.size}×${lab.size} pixels is shown ${shown}, ` +
    `${Math.round((width * 25.4) / 96)} mm wide on a screen of 96 pixels an inch.` +
    (times < 1 ? " So small, its noise looks weaker than it is: True size shows each pixel." : "");
}

// ---- one pixel and those around it

/** @param {Lab} lab */
function showZoom(lab) {
  const panel = lab.find(".zoom");
  panel.hidden = !lab.pixel;
  if (!lab.pixel) return;
  const { x, moved, size, channels, pixel: [column, row] } = lab, plane = size * size, names = channels === 1 ? [""] : ["R ", "G ", "B "];
  /** @param {number} k */
  const change = (k) => (255 * (moved[k] - x[k])).toFixed(lab.rounded ? 0 : 1).replace("-", "−");
  /** @param {string} text */
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

/** @param {Lab} lab */
function draw(lab) {
  const { from, to } = ends(lab);
  perturb(lab);
  paintAll(lab);
  lab.slider.value = String(toPlace(lab, lab.epsilon));
  lab.slider.setAttribute("aria-valuetext", write(lab, lab.epsilon));
  lab.find(".value").textContent = lab.epsilon ? `ε = ${write(lab, lab.epsilon)}` : lab.invitation;
  lab.find(".value").classList.toggle("inviting", !lab.epsilon);
  if (!lab.typing) lab.field.value = lab.epsilon === lab.heard ? lab.written : write(lab, lab.epsilon);
  Object.assign(lab.find(".fill").style, { left: `${from}%`, width: `${to - from}%` });
  showBelief(lab);
  showMeasures(lab);
  showZoom(lab);
  lab.find(".flicker").setAttribute("aria-pressed", String(Boolean(lab.alternating)));
  lab.find(".rounding").setAttribute("aria-pressed", String(lab.rounded));
  lab.find(".hold").classList.toggle("held", Boolean(lab.held));
}

/** @param {HTMLElement} place */
function isDark(place) {
  const [red, green, blue] = getComputedStyle(place).getPropertyValue("color").match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0];
  return red + green + blue > 384; // light letters
}

/** @param {Lab} lab */
function ends(lab) {
  const place = 50 + 50 * Math.max(-1, Math.min(1, toPlace(lab, lab.epsilon)));
  return { from: Math.min(50, place), to: Math.max(50, place) };
}

/** @param {Lab} lab */
function soon(lab) {
  lab.frame ??= requestAnimationFrame(() => {
    lab.frame = null;
    draw(lab);
  });
}
