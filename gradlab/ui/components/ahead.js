// @ts-check
// Streamlit reads plotly (4.7 MB) when it draws the first chart, and for half a second to one nothing else is drawn. The
// file's name is in its main script; should that change, nothing is read ahead, and all works as before.

const QUIET = 1500; // ms without a hand at work, before the browser is kept busy
let begun = false, acted = 0; // of the whole page: it reads once

const act = () => { acted = performance.now(); };

async function readAhead() {
  const main = [...document.scripts].find(({ src }) => /\/static\/js\/index\.[\w-]+\.js$/.test(src));
  const name = main && (await (await fetch(main.src)).text()).match(/PlotlyChart\.[\w-]+\.js/)?.[0];
  if (!name) return;
  const link = document.createElement("link");
  const address = link.href = new URL(name, main.src).href;
  link.rel = "modulepreload"; // fetched now, which keeps nobody waiting
  document.head.append(link);
  whenQuiet(() => import(address).then(() => performance.mark("charts ahead")).catch(() => {}));
}

/** @param {() => void} then */
function whenQuiet(then) {
  const left = QUIET - (performance.now() - acted);
  if (left > 0) setTimeout(() => whenQuiet(then), left);
  else (window.requestIdleCallback ?? setTimeout)(then);
}

export default function () {
  if (begun) return;
  begun = true;
  act();
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"]) {
    addEventListener(kind, act, { capture: true, passive: true });
  }
  readAhead().catch(() => {});
}
