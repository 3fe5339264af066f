// @ts-check
// What the network says at more epsilons, which was asked when the page was there: handed to the handle, in `scrub.js`.

/** @param {Root} _root @param {Send} send */
const build = (_root, send) => ({ send });

/** @param {{ send: Send }} _state @param {object} data */
function update(_state, data) {
  document.dispatchEvent(new CustomEvent("gradlab-finer", { detail: data }));
}

export default component(build, update);
