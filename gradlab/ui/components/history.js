// @ts-check
// Streamlit makes each choice that it writes into the URL a new entry of the browser's history: Back then leads through
// every step, and twice on each page. Here only another page is a new entry; its choices replace what it says. Read
// in the head of the page, since Streamlit writes the first one before it draws anything.
{
  const push = history.pushState;
  history.pushState = function (state, unused, url) {
    const here = url != null && new URL(url, location.href).pathname === location.pathname;
    (here ? history.replaceState : push).call(this, state, unused, url);
  };
}
