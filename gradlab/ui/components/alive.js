// @ts-check
// While the server is away a message says so, and what a hand would do in vain is out of reach. Once it is back the page
// runs anew: a server that was started again knows nothing of this visitor, and takes the choices from the URL. Until it
// has, and knows the parts of the page that run alone, another choice would be lost.

/** @typedef {{ send: Send, ran: () => void, run: string }} Watch */

const MESSAGE = "The server is not answering. The page goes on by itself, with your choices, when it is back.";
// What Streamlit does not disable by itself: our own components, figures and the menu of pages.
const CONTROLS = ".stBidiComponent, .stPlotlyChart, .stAppHeader";

/** What has the focus, in whatever component. */
function active() {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found;
}

/** @param {Root} root @param {Send} send @returns {Watch} */
function watch(root, send) {
  const app = find(document.body, ".stApp", HTMLElement);
  const message = document.createElement("div");
  message.id = "away";
  message.setAttribute("role", "alert");
  /** @type {"here" | "away" | "asked"} */
  let server = "here";
  /** @type {HTMLElement[]} */
  let locked = [];
  /** @type {Element | null} */
  let focused = null;

  /** @param {Iterable<HTMLElement>} parts */
  const lock = (parts) => {
    for (const part of locked) part.inert = false;
    locked = [...parts];
    for (const part of locked) part.inert = true;
  };
  // After a while Streamlit says so, too, in a dialog that covers the page and hides the message from a screen reader.
  const theirs = new MutationObserver(() => {
    document.querySelector("[role=dialog] button[aria-label=Close]")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  });
  const leave = () => {
    if (server === "here") focused = active();
    server = "away";
    lock(/** @type {NodeListOf<HTMLElement>} */ (app.querySelectorAll(CONTROLS)));
    message.textContent = MESSAGE;
    document.body.append(message);
    theirs.observe(document.body, { childList: true });
  };
  const askAgain = () => {
    server = "asked";
    lock([app]);
    state.send("back", true);
  };
  const goOn = () => {
    if (server !== "asked") return;
    server = "here";
    lock([]);
    theirs.disconnect();
    growing.disconnect();
    message.remove();
    if (document.activeElement === document.body && focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  };
  // What takes long has a bar, and no part that runs alone: it need not come to its end.
  const growing = new MutationObserver(() => {
    if (app.querySelector(".stProgress")) goOn();
  });
  const ran = () => {
    if (server === "asked") growing.observe(app, { childList: true, subtree: true });
  };
  const watcher = new MutationObserver(() => {
    const connected = app.dataset.testConnectionState === "CONNECTED";
    if (!root.isConnected) watcher.disconnect(); // another page has another watch
    else if (!connected && server !== "away") leave();
    else if (connected && server === "away") askAgain();
    else if (app.dataset.testScriptState === "notRunning") goOn();
  });
  watcher.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state", "data-test-script-state"] });
  const state = { send, ran, run: "" };
  return state;
}

export default component(watch, (state, /** @type {{ run: string }} */ { run }) => {
  if (run !== state.run) state.ran(); // this run has read the URL
  state.run = run;
});
