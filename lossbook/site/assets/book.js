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
  const SCROLLING = "pre, div.math, .cell_output > .output:not(:has(> figure.explore)), .pst-scrollable-table-container";
  const blocksOf = (part) => [...(part?.querySelectorAll(SCROLLING) ?? [])];
  // Without laying out what waits to be: it is asked once it is.
  const laidOut = (block) => block.checkVisibility?.({ contentVisibilityAuto: true }) ?? true;
  const reachAll = () => reach(blocksOf(article).filter(laidOut));
  const resized = new ResizeObserver((entries) => reach(entries.map(({ target }) => target).filter(laidOut)));
  for (const block of blocksOf(article)) resized.observe(block);
  document.fonts.addEventListener("loadingdone", reachAll); // a formula may be wider now

  // Sections are laid out when they come near the window (book.css). As soon as the reader does
  // something, the others are too, one by one while nothing else is to be done. Where she jumps, all are
  // at once, before anything is painted there: what she has come to stays where it is.
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
  for (const kind of ["keydown", "pointerdown"]) {
    addEventListener(kind, start, { passive: true, signal: started.signal });
  }
  const layOutAll = () => {
    while (sections.length) sections.shift().classList.add("laid-out");
    idle(reachAll);
  };
  addEventListener("scroll", () => {
    if (!sections.length) return;
    // What waits takes a guessed height: stay at the same part of the section at the top.
    const top = sections.find((section) => section.getBoundingClientRect().bottom > 0);
    const before = top?.getBoundingClientRect();
    layOutAll();
    if (!before || before.top > 0) return;
    const after = top.getBoundingClientRect();
    scrollBy({ top: after.top - (before.top * after.height) / before.height, behavior: "instant" });
  }, { passive: true });
  addEventListener("click", ({ target }) => target.closest("a[href*='#']") && layOutAll(), true);
  addEventListener("keydown", ({ key }) => key === "End" && layOutAll());
  // In the capture phase: before a figure whose link this is scrolls to itself.
  const arrive = () => {
    if (!sections.length) return;
    layOutAll();
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  };
  addEventListener("hashchange", arrive, true);

  // The buttons that copy code are one stop of the Tab key: arrows lead from one to the next.
  addEventListener("load", () => {
    const buttons = [...document.querySelectorAll("button.copybtn")];
    buttons.forEach((button, i) => {
      button.tabIndex = i ? -1 : 0;
      button.setAttribute("aria-keyshortcuts", "ArrowUp ArrowDown");
      button.addEventListener("keydown", (event) => {
        const next = buttons[i + { ArrowDown: 1, ArrowUp: -1 }[event.key]];
        if (!next) return;
        event.preventDefault();
        button.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      });
    });
  });

  // A formula is copied as its TeX; in the page it stands for the eye and for screen readers.
  addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed) return;
    const range = selection.getRangeAt(0).cloneRange();
    const whole = (node) => (node.closest ? node : node.parentElement).closest(".katex");
    const [first, last] = [whole(range.startContainer), whole(range.endContainer)];
    if (first) range.setStartBefore(first);
    if (last) range.setEndAfter(last);
    const copied = document.createElement("div");
    copied.append(range.cloneContents());
    const formulas = copied.querySelectorAll(".katex");
    if (!formulas.length) return;
    for (const formula of formulas) {
      const mark = formula.closest(".katex-display") ? "$$" : "$";
      formula.replaceWith(mark + formula.querySelector("annotation").textContent + mark);
    }
    event.preventDefault();
    event.clipboardData.setData("text/html", copied.innerHTML);
    // As text it is what would be seen of it: blocks begin lines.
    copied.className = "visually-hidden";
    document.body.append(copied);
    event.clipboardData.setData("text/plain", copied.innerText);
    copied.remove();
  });
})();
