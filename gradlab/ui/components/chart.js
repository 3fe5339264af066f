// @ts-check

/**
 * @typedef {{ key: string, alt: string, stem: string }} Chart
 * @typedef {{ root: Root, send: Send }} State
 * @typedef {HTMLElement & { _context: { toImageButtonOptions: object } }} Plot plotly's, with what its button goes by
 */

/** @param {State} state @param {Chart} data */
function update({ root }, { key, alt, stem }) {
  find(root, "div", HTMLElement).setAttribute("aria-label", `Save: ${alt}`);
  for (const link of root.querySelectorAll("button")) {
    const format = link.textContent.toLowerCase();
    link.onclick = () => {
      const plot = /** @type {Plot} */ (document.querySelector(`.st-key-${key} .js-plotly-plot`));
      plot._context.toImageButtonOptions = { format, filename: stem, scale: 2 };
      /** @type {HTMLElement} */ (plot.querySelector(".modebar-btn")).click();
    };
  }
}

export default component((root, send) => ({ root, send }), update);
