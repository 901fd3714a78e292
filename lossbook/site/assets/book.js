/* How search results are ranked: what a chapter teaches comes before the reference. The numbers but
   for the chapters' are Sphinx's own, which this takes the place of. */
var Scorer = {
  score: ([page, , , , score]) => score + (page.startsWith("chapters/") ? 20 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};

/* What the pages do besides their figures. */
(() => {
  "use strict";
  // From a disk, a page may not read another one: search results come without excerpts.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  const actions = { print: () => window.print(), toggleFullScreen: () => toggleFullScreen() };
  for (const button of document.querySelectorAll("[data-action]")) {
    button.addEventListener("click", actions[button.dataset.action]);
  }

  // What scrolls must scroll with the keyboard too. Asked when its section is laid out, or again.
  const reach = new ResizeObserver((entries) => {
    const scrolls = entries.map(({ target }) =>
      target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight);
    entries.forEach(({ target }, i) => {
      if (scrolls[i]) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    });
  });
  const scrolling = "article :is(pre, div.math, .cell_output > .output, .pst-scrollable-table-container)";
  for (const block of document.querySelectorAll(scrolling)) reach.observe(block);

  // Sections are laid out when they come near the window (book.css). As soon as the reader does
  // something, the others are too, one by one while nothing else is to be done: what she searches for
  // or jumps to is where it will stay.
  const sections = [...document.querySelectorAll("article.bd-article > section > section")];
  const idle = window.requestIdleCallback ?? setTimeout;
  const started = new AbortController();
  const layOut = () => {
    const section = sections.shift();
    if (!section) return;
    section.classList.add("laid-out");
    idle(layOut);
  };
  const start = () => {
    started.abort();
    idle(layOut);
  };
  for (const kind of ["scroll", "keydown", "pointerdown"]) {
    addEventListener(kind, start, { passive: true, signal: started.signal });
  }
  const layOutAll = () => {
    while (sections.length) sections.shift().classList.add("laid-out");
  };
  addEventListener("click", ({ target }) => target.closest("a[href*='#']") && layOutAll(), true);
  // In the capture phase: before a figure whose link this is scrolls to itself.
  const arrive = () => {
    if (!sections.length) return;
    layOutAll();
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  };
  addEventListener("hashchange", arrive, true);

  const field = document.querySelector(".search__container form.bd-search input, form.bd-search input");
  if (field && document.getElementById("search-results")) field.focus();
})();
