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

  // What scrolls sideways must scroll with the keyboard too. Looked at when it comes into sight,
  // not while the page loads.
  const reach = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const block of document.querySelectorAll("div.highlight pre, div.math")) reach.observe(block);

  const field = document.querySelector(".search__container form.bd-search input, form.bd-search input");
  if (field && document.getElementById("search-results")) field.focus();
})();
