// @ts-check
// What the network says of the image under the hand: the classes with a bar, and the one on top, which may have none.

/**
 * Of the image at some epsilons, as sent and as read: the class on top and its share; and the shares of the classes with
 * a bar, a row for each epsilon.
 * @typedef {{ top: number[], sure: string, shares: string }} SentSaid
 * @typedef {{ top: number[], sure: Float32Array, shares: Float32Array }} Said
 * @typedef {{ top: number, sure: number, shares: Float32Array }} Belief at one epsilon
 * @typedef {{ grid: number[], shown: number[], along: { plain: SentSaid, rounded: SentSaid } }} Along what the network
 *   was asked at, the classes with a bar, and what it said
 */

/** @param {SentSaid} sent @returns {Said} */
const read = ({ top, sure, shares }) => ({ top, sure: floats(sure), shares: floats(shares) });

/** What it says at the k-th epsilon. @param {Said} said @param {number} k @returns {Belief} */
function row({ top, sure, shares }, k) {
  const count = shares.length / top.length;
  return { top: top[k], sure: sure[k], shares: shares.subarray(k * count, (k + 1) * count) };
}

/** At the nearest epsilon that it was asked at; nothing is made up between them. @param {Lab} lab */
function belief(lab) {
  const { exact, grid } = lab, form = lab.rounded ? "rounded" : "plain";
  if (exact.epsilon === lab.epsilon) return { at: lab.epsilon, exact: true, said: row(exact[form], 0) };
  const here = toPlace(lab, lab.epsilon);
  let best = 0;
  grid.forEach((epsilon, k) => {
    if (Math.abs(toPlace(lab, epsilon) - here) < Math.abs(toPlace(lab, grid[best]) - here)) best = k;
  });
  return { at: grid[best], exact: grid[best] === lab.epsilon, said: row(lab.along[form], best) };
}

/** @param {Lab} lab @param {number} epsilon */
const halfway = (lab, epsilon) => lab.rounded && lab.halfway !== null && Math.abs(epsilon) < 1
  && Math.abs((Math.abs(epsilon) * 255) % 1 - 0.5) <= lab.halfway;

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** What the network says of an image, and whether it is right. @param {Lab} lab @param {HTMLElement} place
 * @param {Belief} said */
function judge(lab, place, { top, sure }) {
  const right = top === lab.label, mark = lab.label < 0 ? "" : right ? " ✓\u00a0right" : " ✗\u00a0wrong";
  place.replaceChildren("network: ", element("b", lab.classes[top]), `, ${percent(sure)}`, element("b", mark, right ? "right" : "wrong"));
}

/** @param {Lab} lab */
function showBelief(lab) {
  const { at, exact, said } = belief(lab);
  lab.bars.forEach(({ name, after, share, k }, n) => {
    after.style.transform = `scaleX(${said.shares[n]})`;
    share.textContent = percent(said.shares[n]);
    name.classList.toggle("top", k === said.top);
    share.classList.toggle("top", k === said.top);
  });
  if (lab.comparing) lab.notes[2].textContent = "the clean image, to compare";
  else judge(lab, lab.notes[2], said);
  lab.find(".source").textContent =
    `Bars: the probabilities at ε = ${write(lab, at)}${lab.rounded ? ", after rounding to 8 bit" : ""}` +
    (exact ? "." : `, the nearest of ${lab.grid.length} computed beforehand; the exact ones come when you let go.`) +
    ` Upright lines: the clean image.${lab.label < 0 ? "" : " ✓ marks the true class."}` + lab.shownAs +
    (halfway(lab, at) ? " Halfway between two levels, float noise rounds each value up or down: one image of many." : "");
}

// ---- the classes with a bar

/** @param {Lab} lab @param {Along} sent */
function adoptAlong(lab, { grid, shown, along }) {
  Object.assign(lab, { grid, shown, along: { plain: read(along.plain), rounded: read(along.rounded) } });
}

/** What came later, if it is still of this image. @param {Lab} lab @param {Along & { of: string }} sent */
function adoptFiner(lab, sent) {
  if (sent.of !== lab.of) return;
  adoptAlong(lab, sent);
  makeBars(lab);
  soon(lab);
}

/** A bar for each class that has one. @param {Lab} lab */
function makeBars(lab) {
  const clean = row(lab.along.plain, lab.grid.indexOf(0));
  judge(lab, lab.notes[0], clean);
  lab.bars = lab.shown.map((k, n) => {
    const bar = element("div", "", "bar"), after = element("div", "", "after"), before = element("div", "", "before");
    before.style.left = `${100 * clean.shares[n]}%`;
    bar.append(after, before);
    return { k, bar, after, name: named(lab, k), share: element("span", "", "share") };
  });
  lab.find(".bars").replaceChildren(...lab.bars.flatMap(({ name, bar, share }) => [name, bar, share]));
}

/** @param {Lab} lab @param {number} k */
function named(lab, k) {
  const text = lab.classes[k], made = element("span", text + (k === lab.label ? " ✓" : ""), "name");
  made.title = text;
  if (lab.added.includes(text)) {
    made.prepend(button(`Take the bar of ${text} away`, () => lab.send("added", lab.added.filter((name) => name !== text)), "×", "away-with"));
  }
  return made;
}

/** All classes to choose from, where not all have a bar. @param {Lab} lab @param {string[]} classes */
function offerClasses(lab, classes) {
  if (lab.classes === classes || (lab.classes && String(lab.classes) === String(classes))) return;
  lab.classes = classes;
  lab.find("datalist").replaceChildren(...classes.map((name) => {
    const option = element("option");
    option.value = name;
    return option;
  }));
}

/** A bar more: the class of that name, or the only one whose name begins so. @param {Lab} lab */
function addClass(lab) {
  const typed = lab.search.value.trim().toLowerCase(), lower = lab.classes.map((name) => name.toLowerCase());
  const beginning = lower.flatMap((name, k) => (name.startsWith(typed) ? [k] : []));
  const k = lower.includes(typed) ? lower.indexOf(typed) : beginning.length === 1 ? beginning[0] : -1;
  if (!typed || k < 0) return;
  lab.search.value = "";
  if (!lab.shown.includes(k)) lab.send("added", [...lab.added, lab.classes[k]]);
}
