// @ts-check
// What is drawn of the step under the hand: the three images, what the network says, the pixel that is zoomed on.

const AROUND = 3; // pixels to each side of the one that is zoomed on

// ---- pictures

/** @param {Lab} lab @param {Float32Array} moved */
function paintAll(lab, moved) {
  const { x, size, channels, gain, canvases } = lab, plane = size * size;
  /** @param {number} pixel @param {number} channel */
  const at = (pixel, channel) => pixel + (channels === 1 ? 0 : channel * plane);
  /** @param {number} k */
  const delta = (k) => f32(moved[k] - x[k]);
  /** @param {number} pixel */
  const mean = (pixel) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum = f32(sum + delta(pixel + channel * plane));
    return f32(f32(sum / channels) * gain);
  };
  const seen = lab.comparing ? x : moved;
  paint(canvases[0], size, size, (pixel, channel) => toLevel(x[at(pixel, channel)]));
  paint(canvases[1], size, size, lab.signed ? (pixel, channel) => blueToRed(mean(pixel), channel)
    : (pixel, channel) => toLevel(f32(0.5 + f32(gain * delta(at(pixel, channel))) / 2)));
  paint(canvases[2], size, size, (pixel, channel) => toLevel(seen[at(pixel, channel)]));
}

// ---- what the network believes

/** At the nearest epsilon that it was asked at; nothing is made up between them. @param {Lab} lab */
function belief(lab) {
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

/** @param {Lab} lab @param {number} epsilon */
const halfway = (lab, epsilon) => lab.rounded && lab.halfway !== null && Math.abs(epsilon) < 1
  && Math.abs((Math.abs(epsilon) * 255) % 1 - 0.5) <= lab.halfway;

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(1)}%`;
/** @param {Float32Array | number[]} shares */
const topOf = (shares) => shares.indexOf(Math.max(...shares));

/** What the network says of an image, and whether it is right. @param {Lab} lab @param {HTMLElement} place
 * @param {Float32Array | number[]} shares */
function judge(lab, place, shares) {
  const top = topOf(shares), right = top === lab.label, mark = lab.label < 0 ? "" : right ? " ✓\u00a0right" : " ✗\u00a0wrong";
  place.replaceChildren("network: ", element("b", lab.classes[top]), `, ${percent(shares[top])}`, element("b", mark, right ? "right" : "wrong"));
}

/** @param {Lab} lab */
function showBelief(lab) {
  const { at, exact, shares } = belief(lab), top = topOf(shares);
  lab.bars.forEach(({ name, after, share, k }) => {
    after.style.transform = `scaleX(${shares[k]})`;
    share.textContent = percent(shares[k]);
    name.classList.toggle("top", k === top);
    share.classList.toggle("top", k === top);
  });
  if (lab.comparing) lab.notes[2].textContent = "the clean image, to compare";
  else judge(lab, lab.notes[2], shares);
  lab.find(".source").textContent =
    `Bars: the probabilities at ε = ${write(lab, at)}${lab.rounded ? ", after rounding to 8 bit" : ""}` +
    (exact ? "." : `, the nearest of ${lab.grid.length} computed beforehand; the exact ones come when you let go.`) +
    ` Upright lines: the clean image.${lab.label < 0 ? "" : " ✓ marks the true class."}` + lab.shownAs +
    (halfway(lab, at) ? " Halfway between two levels, float noise rounds each value up or down: one image of many." : "");
}

/** @param {Lab} lab @param {Float32Array} moved */
function showMeasures(lab, moved) {
  let squares = 0, largest = 0;
  for (let k = 0; k < moved.length; k++) {
    const change = Math.abs(f32(moved[k] - lab.x[k]));
    squares += change * change;
    largest = Math.max(largest, change);
  }
  const psnr = -10 * Math.log10(squares / moved.length), said = lab.judged.find(([limit]) => psnr >= limit)?.[1] ?? "";
  lab.find(".numbers").textContent =
    `L2 ${Math.sqrt(squares).toPrecision(3)} · L∞ ${(255 * largest).toPrecision(3)}/255 · ` +
    (squares ? `PSNR ${psnr.toFixed(1)} dB: ${said}` : "no change at all");
}

/** How large the images are: asked for when that changes, for to ask makes the browser lay out the page. @param {Lab} lab */
function measureSize(lab) {
  const [canvas] = lab.canvases, edge = lab.trueSize ? `${lab.size / devicePixelRatio}px` : "";
  lab.canvases.forEach(({ style }) => { style.width = edge; });
  lab.find(".true-size").setAttribute("aria-pressed", String(lab.trueSize));
  const width = canvas.getBoundingClientRect().width, times = (width * devicePixelRatio) / lab.size;
  lab.shownAs = ` Each image of ${lab.size}×${lab.size} pixels is shown ${Number(times.toPrecision(2))} times as large, ` +
    `${Math.round((width * 25.4) / 96)} mm wide on a screen of 96 pixels an inch.`;
}

// ---- one pixel and those around it

/** @param {Lab} lab @param {Float32Array} moved */
function showZoom(lab, moved) {
  const panel = lab.find(".zoom");
  panel.hidden = !lab.pixel;
  if (!lab.pixel) return;
  const { x, size, channels, pixel: [column, row] } = lab, plane = size * size, names = channels === 1 ? [""] : ["R ", "G ", "B "];
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
  const moved = perturbed(lab), { from, to } = ends(lab);
  paintAll(lab, moved);
  lab.slider.value = String(toPlace(lab, lab.epsilon));
  lab.slider.setAttribute("aria-valuetext", write(lab, lab.epsilon));
  lab.find(".value").textContent = lab.epsilon ? `ε = ${write(lab, lab.epsilon)}` : lab.invitation;
  lab.find(".value").classList.toggle("inviting", !lab.epsilon);
  if (!lab.typing) lab.field.value = lab.epsilon === lab.heard ? lab.written : write(lab, lab.epsilon);
  Object.assign(lab.find(".fill").style, { left: `${from}%`, width: `${to - from}%` });
  showBelief(lab);
  showMeasures(lab, moved);
  showZoom(lab, moved);
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
