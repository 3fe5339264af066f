// @ts-check
// The pixels under the hand: x and d read once, and at each frame the perturbed image and the three pictures of it.
//
// Plain loops over typed arrays that are kept, for 224×224×3 values have to be there sixty times a second. They are the
// backend's, bit for bit: each intermediate value is rounded to float32 where numpy or torch does, and a clamped array
// rounds as they do, half to even.

/**
 * Values as they were sent: `levels` are n for n/255, `signs` are -1, 0 and 1, each a byte; else float32. In base64.
 * @typedef {{ as: "levels" | "signs" | "float32", values: string }} Packed
 * @typedef {{ context: CanvasRenderingContext2D, image: ImageData }} Picture a canvas, and what is drawn on it next
 */

const LEVELS = Float32Array.from({ length: 256 }, (_, n) => n / 255);
const TO_EVEN = 1.5 * 2 ** 52; // added and taken away again, it leaves a whole number, halves rounded to even
const BLUE = [33, 102, 172], WHITE = [247, 247, 247], RED = [178, 24, 43];

/** @param {Packed} packed */
function unpacked({ as, values }) {
  const raw = bytes(values);
  if (as === "float32") return new Float32Array(raw.buffer);
  if (as === "signs") return new Float32Array(new Int8Array(raw.buffer));
  const found = new Float32Array(raw.length);
  for (let k = 0; k < raw.length; k++) found[k] = LEVELS[raw[k]];
  return found;
}

/** Room for what is drawn at each frame, made anew for an image of another size. @param {Lab} lab */
function makeRoom(lab) {
  if (lab.moved?.length !== lab.x.length) lab.moved = new Float32Array(lab.x.length);
  if (lab.pictures[0]?.image.width === lab.size) return;
  lab.pictures = lab.canvases.map((canvas) => {
    canvas.width = canvas.height = lab.size;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const image = context.createImageData(lab.size, lab.size);
    image.data.fill(255); // opaque
    return { context, image };
  });
}

/** clip(x + εd, 0, 1), rounded to n/255 where it is to be so, into `lab.moved`. @param {Lab} lab */
function perturb({ x, d, moved, rounded, epsilon: sent }) {
  const epsilon = f32(sent), count = x.length;
  for (let k = 0; k < count; k++) {
    const value = x[k] + epsilon * d[k];
    moved[k] = value < 0 ? 0 : value > 1 ? 1 : value;
  }
  if (!rounded) return;
  for (let k = 0; k < count; k++) moved[k] = LEVELS[(f32(moved[k] * 255) + TO_EVEN - TO_EVEN) | 0];
}

/** The image itself, which no handle changes. @param {Lab} lab */
function paintClean(lab) {
  paintLevels(lab.pictures[0], lab.x, lab);
  put(lab.pictures[0]);
}

/** @param {Lab} lab */
function paintAll(lab) {
  const [, noise, perturbed] = lab.pictures;
  if (lab.signed) paintSigned(noise, lab);
  else paintNoise(noise, lab);
  paintLevels(perturbed, lab.comparing ? lab.x : lab.moved, lab);
  put(noise);
  put(perturbed);
}

/** @param {Picture} picture */
const put = ({ context, image }) => context.putImageData(image, 0, 0);

/** @param {Picture} picture @param {Float32Array} values @param {Lab} lab */
function paintLevels({ image: { data } }, values, { size, channels }) {
  const plane = size * size;
  for (let channel = 0; channel < 3; channel++) {
    const from = channels === 1 ? 0 : channel * plane;
    for (let k = from, to = channel; k < from + plane; k++, to += 4) data[to] = f32(values[k] * 255);
  }
}

/** About middle grey, in the image's own colours. @param {Picture} picture @param {Lab} lab */
function paintNoise({ image: { data } }, { x, moved, gain, size, channels }) {
  const plane = size * size;
  for (let channel = 0; channel < 3; channel++) {
    const from = channels === 1 ? 0 : channel * plane;
    for (let k = from, to = channel; k < from + plane; k++, to += 4) {
      data[to] = f32(f32(0.5 + f32(gain * f32(moved[k] - x[k])) / 2) * 255);
    }
  }
}

/** The mean over the channels, from blue over white to red. @param {Picture} picture @param {Lab} lab */
function paintSigned({ image: { data } }, { x, moved, gain, size, channels }) {
  const plane = size * size;
  for (let pixel = 0, to = 0; pixel < plane; pixel++, to += 4) {
    let sum = 0;
    for (let k = pixel; k < channels * plane; k += plane) sum = f32(sum + f32(moved[k] - x[k]));
    const at = Math.max(-1, Math.min(1, f32(f32(sum / channels) * gain)));
    for (let channel = 0; channel < 3; channel++) {
      const white = WHITE[channel];
      data[to + channel] = at < 0 ? (white - BLUE[channel]) * (at + 1) + BLUE[channel] : (RED[channel] - white) * at + white;
    }
  }
}
