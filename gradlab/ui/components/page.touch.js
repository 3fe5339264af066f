// @ts-check
// A finger that wipes over a slider scrolls the page. Streamlit's sliders take what touches them at once; here a touch is
// held back until it is a tap or goes sideways, and forgotten where the browser scrolls instead (see `touch-action` in
// look.css).

const ASIDE = 6; // px, from which on a finger means the slider

/** @type {PointerEvent | undefined} */
let held;
/** @type {PointerEvent | undefined} */
let passed;

/** @param {Event} event */
const onSlider = ({ target }) => target instanceof Element && !!target.closest("[data-testid=stSlider]");

/** @param {PointerEvent} event */
function hold(event) {
  if (event === passed || event.pointerType !== "touch" || !onSlider(event)) return;
  event.stopPropagation();
  held = event;
}

/** The same touch in the words of older browsers, which the sliders listen to as well. @param {TouchEvent} event */
function hush(event) {
  if (onSlider(event)) event.stopPropagation();
}

/** It was meant: told as if it came now. */
function pass() {
  if (!held?.target) return;
  const { target } = held;
  passed = new PointerEvent("pointerdown", held);
  held = undefined;
  target.dispatchEvent(passed);
}

/** @param {PointerEvent} event */
function follow({ pointerId, clientX, clientY }) {
  if (held?.pointerId !== pointerId) return;
  const across = Math.abs(clientX - held.clientX), along = Math.abs(clientY - held.clientY);
  if (across > ASIDE && across > along) pass();
}

function forFingers() {
  addEventListener("pointerdown", hold, true);
  addEventListener("touchstart", hush, { capture: true, passive: true });
  addEventListener("pointermove", follow, true);
  addEventListener("pointerup", ({ pointerId }) => held?.pointerId === pointerId && pass(), true);
  addEventListener("pointercancel", () => { held = undefined; }, true);
}
