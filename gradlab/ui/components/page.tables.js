// @ts-check
// A table, or a row of figures, that is wider than the screen scrolls sideways: with a finger, and here by keys, too.

const ROOMS = "[data-testid=stTable] > div, .st-key-panels";

function reach() {
  for (const room of document.querySelectorAll(ROOMS)) {
    const scrolls = room.scrollWidth > room.clientWidth + 1;
    if (scrolls === room.hasAttribute("tabindex")) continue;
    const says = { tabindex: "0", role: "group", "aria-label": "Wider than the screen: arrow keys scroll it" };
    for (const [name, value] of Object.entries(says)) {
      if (scrolls) room.setAttribute(name, value);
      else room.removeAttribute(name);
    }
  }
}

function forTables() {
  let due = 0;
  const soon = () => {
    clearTimeout(due);
    due = setTimeout(reach, 200); // once, when the page has come to rest
  };
  addEventListener("resize", soon);
  new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
  soon();
}
