// @ts-check
// What is sent and known of the step under the hand; the slider's scale, and how an epsilon is written.

/**
 * What Python sends, besides what the network said along the way.
 * @typedef {Along & SentData} Sent
 * @typedef {object} SentData
 * @property {string} of the image and its direction
 * @property {Packed} x
 * @property {Packed} d
 * @property {number} epsilon where the handle stands
 * @property {number} gain
 * @property {boolean} rounded
 * @property {number} size
 * @property {number} channels
 * @property {string[]} classes
 * @property {number} label
 * @property {string[]} added the classes that a person gave a bar
 * @property {{ epsilon: number, plain: SentSaid, rounded: SentSaid }} exact at this epsilon
 * @property {number[]} fine the epsilons that a key goes to
 * @property {number[]} coarse those that it goes to with Shift
 * @property {number} reach
 * @property {number} straight
 * @property {string} unit
 * @property {number | null} halfway
 * @property {[number, string][]} ticks
 * @property {string} colour
 * @property {string} help
 * @property {boolean} signed whether the noise is shown as darker or brighter
 * @property {string} note on how the noise is shown
 * @property {string[]} alt
 * @property {[string, string]} ends
 * @property {string} invitation what stands at the handle at 0
 * @property {string} written epsilon, to the last digit
 * @property {[number, string][]} judged PSNRs, and what is said from each on
 * @property {string} judged_by
 */

/**
 * What an instance knows: what was sent last, read; what the hand does; and the elements that are drawn anew.
 * @typedef {Pick<Sent, "of" | "size" | "channels" | "gain" | "grid" | "fine" | "coarse" | "reach" | "straight" | "unit"
 *   | "classes" | "label" | "rounded" | "halfway" | "epsilon" | "signed" | "invitation" | "written" | "judged" | "shown"
 *   | "added">} Adopted
 * @typedef {{ name: HTMLElement, bar: HTMLElement, after: HTMLElement, share: HTMLElement, k: number }} Bar
 * @typedef {Adopted & { x: Float32Array, d: Float32Array, moved: Float32Array, pictures: Picture[],
 *   along: { plain: Said, rounded: Said }, exact: { epsilon: number, plain: Said, rounded: Said }, search: HTMLInputElement,
 *   heard: number, sent: number | null, dragging: boolean, held: boolean, comparing: boolean, alternating: boolean,
 *   trueSize: boolean, shownAs: string, typing: boolean, looked?: HTMLElement, field: HTMLInputElement,
 *   pixel: [number, number] | null, frame: number | null, timer: number | undefined,
 *   find: (selector: string) => HTMLElement, slider: HTMLInputElement, canvases: HTMLCanvasElement[],
 *   notes: HTMLElement[], cells: HTMLElement[], bars: Bar[], send: Send }} Lab
 */

const f32 = Math.fround;
/** @param {number} value */
const clip = (value) => Math.min(1, Math.max(0, value));
const MAGNET = 0.008; // of half the slider: so near to an epsilon that a key goes to, the handle takes it

// ---- numbers

/** @param {string} text */
function floats(text) {
  return new Float32Array(bytes(text).buffer);
}

/** Half to even, as numpy and torch round. @param {number} value */
function rint(value) {
  const low = Math.floor(value), rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2) ? low + 1 : low;
}

/** @param {number} value */
const toLevel = (value) => rint(f32(clip(value) * 255));

// ---- the slider: signed and logarithmic, straight near 0, as the curves' axes are

/** @param {Lab} lab @param {number} epsilon */
function toPlace(lab, epsilon) {
  /** @param {number} value */
  const squeeze = (value) => Math.log10(1 + Math.abs(value) / lab.straight);
  return (Math.sign(epsilon) * squeeze(epsilon)) / squeeze(lab.reach);
}

/** @param {Lab} lab @param {number} place */
function toEpsilon(lab, place) {
  const near = lab.fine.find((epsilon) => Math.abs(toPlace(lab, epsilon) - place) < MAGNET);
  if (near !== undefined) return near;
  const size = lab.straight * (10 ** (Math.abs(place) * Math.log10(1 + lab.reach / lab.straight)) - 1);
  return Math.sign(place) * Math.min(lab.reach, roundNumber(lab, size));
}

/** So that it can be read and written down. @param {Lab} lab @param {number} size */
function roundNumber(lab, size) {
  if (lab.unit !== "pixel") return Number(size.toPrecision(2));
  const level = size * 255, parts = level < 8 ? 10 : level < 32 ? 4 : 1;
  return Math.round(level * parts) / parts / 255;
}

/** The next of these, beyond where the handle is. @param {Lab} lab @param {number[]} stops @param {boolean} forward */
function step(lab, stops, forward) {
  const beyond = stops.filter((stop) => (forward ? stop > lab.epsilon + 1e-9 : stop < lab.epsilon - 1e-9));
  return beyond.length ? beyond[forward ? 0 : beyond.length - 1] : lab.epsilon;
}

/** @param {Lab} lab @param {number} epsilon */
function write(lab, epsilon) {
  const sign = epsilon < 0 ? "−" : epsilon > 0 ? "+" : "", size = Math.abs(epsilon);
  const number = String(Number((lab.unit === "pixel" ? size * 255 : size).toPrecision(4)));
  return sign + number + (lab.unit === "pixel" && epsilon ? "/255" : "");
}
