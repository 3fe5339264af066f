// @ts-check

/**
 * What a file looks like: the layout whole, and of each trace all but its long arrays, which the page has.
 * @typedef {{ layout: { width: number, height: number }, data: object[], scale: number }} Print
 * @typedef {{ key: string, said: string, stem: string, print: Print }} Chart
 * @typedef {{ root: Root, send: Send }} State
 * @typedef {HTMLElement & { _context: { toImageButtonOptions: object }, data: object[], layout: object }} Plot plotly's
 */

/** @param {State} state @param {Chart} chart */
function update({ root }, { key, said, stem, print }) {
  find(root, "div", HTMLElement).setAttribute("aria-label", `Save: ${said}`);
  for (const link of root.querySelectorAll("button")) {
    const format = link.textContent.toLowerCase();
    link.onclick = () => save(/** @type {Plot} */ (document.querySelector(`.st-key-${key} .js-plotly-plot`)), format);
  }

  /**
   * Plotly's own button copies the figure at once, and draws the copy: for that moment it has the look of a file.
   * @param {Plot} plot @param {string} format
   */
  function save(plot, format) {
    const { data, layout } = plot, { width, height } = print.layout;
    plot._context.toImageButtonOptions = { format, filename: stem, width, height, scale: print.scale };
    plot.data = data.map((trace, n) => ({ ...trace, ...print.data[n] }));
    plot.layout = print.layout;
    try {
      /** @type {HTMLElement} */ (plot.querySelector(".modebar-btn")).click();
    } finally {
      Object.assign(plot, { data, layout });
    }
  }
}

export default component((root, send) => ({ root, send }), update);
