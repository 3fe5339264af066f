// @ts-check
// The arithmetic of the step under the hand: clip(x + εd), the slider's scale, and how an epsilon is written.
//
// The pixels are the backend's, bit for bit: each intermediate value is rounded to float32 where numpy or torch does.

/**
 * What Python sends; `x`, `d` and the probabilities of the network along `grid` as float32 in base64.
 * @typedef {object} Sent
 * @property {string} of the image and its direction
 * @property {string} x
 * @property {string} d
 * @property {string} shares
 * @property {string} rounded_shares
 * @property {number} epsilon where the handle stands
 * @property {number} gain
 * @property {boolean} rounded
 * @property {number} size
 * @property {number} channels
 * @property {string[]} classes
 * @property {number} label
 * @property {number[]} shown the classes with a bar
 * @property {{ epsilon: number, plain: number[], rounded: number[] }} exact probabilities
 * @property {number[]} grid the epsilons that the network was asked at
 * @property {number[]} coarse
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
 * @typedef {Pick<Sent, "of" | "size" | "channels" | "gain" | "grid" | "coarse" | "reach" | "straight" | "unit" | "classes"
 *   | "label" | "rounded" | "halfway" | "exact" | "epsilon" | "signed" | "invitation" | "written"
 *   | "judged">} Adopted
 * @typedef {{ name: HTMLElement, bar: HTMLElement, after: HTMLElement, share: HTMLElement, k: number }} Bar
 * @typedef {Adopted & { x: Float32Array, d: Float32Array, shares: Float32Array, roundedShares: Float32Array,
 *   heard: number, sent: number | null, dragging: boolean, held: boolean, comparing: boolean, alternating: boolean,
 *   trueSize: boolean, shownAs: string, typing: boolean, looked?: HTMLElement, field: HTMLInputElement,
 *   pixel: [number, number] | null, frame: number | null, timer: number | undefined,
 *   find: (selector: string) => HTMLElement, slider: HTMLInputElement, canvases: HTMLCanvasElement[],
 *   notes: HTMLElement[], cells: HTMLElement[], bars: Bar[], send: Send }} Lab
 */

const f32 = Math.fround;
/** @param {number} value */
const clip = (value) => Math.min(1, Math.max(0, value));
const BLUE_TO_RED = [[33, 102, 172], [247, 247, 247], [178, 24, 43]];
const MAGNET = 0.008; // of half the slider: so near to an epsilon of the grid, the handle takes it

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
/** @param {number} value */
const toEightBit = (value) => f32(rint(f32(value * 255)) / 255);

/** @param {Lab} lab */
function perturbed(lab) {
  const { x, d } = lab, epsilon = f32(lab.epsilon), result = new Float32Array(x.length);
  for (let k = 0; k < x.length; k++) {
    const moved = clip(f32(x[k] + epsilon * d[k]));
    result[k] = lab.rounded ? toEightBit(moved) : moved;
  }
  return result;
}

/** @param {number} value @param {number} channel */
function blueToRed(value, channel) {
  const at = Math.max(-1, Math.min(1, value)), [low, middle, high] = BLUE_TO_RED.map((colour) => colour[channel]);
  return rint(at < 0 ? (middle - low) * (at + 1) + low : (high - middle) * at + middle);
}

// ---- the slider: signed and logarithmic, straight near 0, as the curves' axes are

/** @param {Lab} lab @param {number} epsilon */
function toPlace(lab, epsilon) {
  /** @param {number} value */
  const squeeze = (value) => Math.log10(1 + Math.abs(value) / lab.straight);
  return (Math.sign(epsilon) * squeeze(epsilon)) / squeeze(lab.reach);
}

/** @param {Lab} lab @param {number} place */
function toEpsilon(lab, place) {
  const near = lab.grid.find((epsilon) => Math.abs(toPlace(lab, epsilon) - place) < MAGNET);
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
