// @ts-check
// Figures on paper. A browser that prints lays a page out anew and asks no script: what is as wide as the screen would be
// cut. So each figure is drawn for the paper just before, and back as it was just after.

/**
 * @typedef {HTMLElement & { layout: { width?: number } }} Figure plotly's
 * @typedef {{ relayout: (figure: Figure, change: object) => unknown }} Plotly
 * @typedef {{ of: SVGElement, property: string, was: string }} Colour
 */

const PAPER = 680; // px, A4 without its margins: see print.css
let printing = false;
/** @type {Map<Figure, number | undefined>} how wide they were */
const widths = new Map();
/** @type {Colour[]} */
let colours = [];

/** @param {Figure} figure @param {number | undefined} width */
function draw(figure, width) {
  const plotly = /** @type {{ Plotly?: Plotly }} */ (/** @type {unknown} */ (window)).Plotly;
  if (width && plotly?.relayout) plotly.relayout(figure, { width });
}

/** To scale: a figure that is wider than its paper, since that is narrower than A4, shrinks as a picture does. */
function scale() {
  for (const figure of widths.keys()) {
    for (const picture of figure.querySelectorAll(".main-svg")) {
      const [width, height] = [picture.getAttribute("width"), picture.getAttribute("height")];
      const box = `0 0 ${width} ${height}`;
      if (picture.getAttribute("viewBox") !== box) picture.setAttribute("viewBox", box);
      figure.style.setProperty("--printed-width", `${width}px`);
      figure.style.setProperty("--printed-ratio", String(Number(width) / Number(height)));
    }
  }
}

/** Greys of the dark theme turned round, its ground white; the hues of the figures are read on both. */
function lighten() {
  for (const figure of widths.keys()) {
    for (const one of figure.querySelectorAll(".main-svg *")) {
      if (!(one instanceof SVGElement)) continue;
      const ground = one.classList.contains("bg") && !one.closest(".annotation");
      for (const property of ["fill", "stroke"]) {
        const was = one.style.getPropertyValue(property), light = turned(was, ground);
        if (light === was) continue;
        colours.push({ of: one, property, was });
        one.style.setProperty(property, light);
      }
    }
  }
}

/** @param {string} colour @param {boolean} ground */
function turned(colour, ground) {
  const parts = colour.match(/^rgba?\((\d+), (\d+), (\d+)/)?.slice(1).map(Number);
  if (!parts) return colour;
  if (ground) return "rgb(255, 255, 255)";
  const [least, most] = [Math.min(...parts), Math.max(...parts)];
  // Pure black and white stand on cells of a colour that stays as it is.
  if (most - least > 20 || least === 255 || most === 0) return colour;
  return colour.replace(/\d+, \d+, \d+/, Array(3).fill(255 - Math.round((least + most) / 2)).join(", "));
}

const again = new MutationObserver(scale);

function begin() {
  if (printing) return;
  printing = true;
  for (const figure of document.querySelectorAll(".js-plotly-plot")) {
    const plot = /** @type {Figure} */ (figure);
    widths.set(plot, plot.layout?.width);
    draw(plot, PAPER);
  }
  scale();
  const page = document.querySelector("[data-testid=stApp]");
  if (page && getComputedStyle(page).colorScheme === "dark") lighten();
  again.observe(document.body, { subtree: true, attributes: true, attributeFilter: ["width", "height"] });
}

function end() {
  if (!printing) return;
  printing = false;
  again.disconnect();
  for (const { of, property, was } of colours) of.style.setProperty(property, was);
  colours = [];
  for (const [figure, width] of widths) {
    figure.querySelectorAll(".main-svg").forEach((picture) => picture.removeAttribute("viewBox"));
    draw(figure, width);
  }
  widths.clear();
}

function forPaper() {
  addEventListener("beforeprint", begin);
  addEventListener("afterprint", end);
}
