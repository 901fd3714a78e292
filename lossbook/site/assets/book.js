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

  const article = document.querySelector("article.bd-article");
  const idle = window.requestIdleCallback ?? setTimeout;

  // What scrolls must scroll with the keyboard too, and fades where it goes on (book.css).
  const FADING = "pre, div.math, .pst-scrollable-table-container, .output.text_html";
  const goesOn = (block) =>
    block.matches(FADING) && block.scrollLeft + block.clientWidth < block.scrollWidth - 1;
  const reach = (blocks) => {
    const found = blocks.map((block) => [
      block.scrollWidth > block.clientWidth || block.scrollHeight > block.clientHeight,
      goesOn(block),
    ]);
    blocks.forEach((block, i) => {
      const [scrolls, fades] = found[i];
      if (scrolls) block.tabIndex = 0;
      else block.removeAttribute("tabindex");
      block.classList.toggle("goes-on", fades);
    });
  };
  article?.addEventListener(
    "scroll", ({ target }) => target.classList.toggle("goes-on", goesOn(target)),
    { capture: true, passive: true },
  );
  const SCROLLING = "pre, div.math, .cell_output > .output, .pst-scrollable-table-container";
  const blocksOf = (part) => [...(part?.querySelectorAll(SCROLLING) ?? [])];
  // Without laying out what waits to be: it is asked once it is.
  const laidOut = (block) => block.checkVisibility?.({ contentVisibilityAuto: true }) ?? true;
  const reachAll = () => reach(blocksOf(article).filter(laidOut));
  const resized = new ResizeObserver((entries) => reach(entries.map(({ target }) => target).filter(laidOut)));
  for (const block of blocksOf(article)) resized.observe(block);
  document.fonts.addEventListener("loadingdone", reachAll); // a formula may be wider now

  // Sections are laid out when they come near the window (book.css). As soon as the reader does
  // something, the others are too, one by one while nothing else is to be done: what she searches for
  // or jumps to is where it will stay.
  const sections = [...document.querySelectorAll("article.bd-article > section > section")];
  const started = new AbortController();
  const layOut = () => {
    const section = sections.shift();
    if (!section) return;
    section.classList.add("laid-out");
    reach(blocksOf(section));
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
    idle(reachAll);
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
