/* A page as slides: its blocks, section by section, as many at a time as the window holds.
   The blocks stay where they are and the others are hidden, so that every figure works. */
(() => {
  "use strict";
  const article = document.querySelector("article");
  if (!article || !article.querySelector("section")) return;
  const root = document.documentElement;
  let slides = [];
  let current = 0;
  let bar = null;

  const heading = (block) => /^H[1-3]$/.test(block.tagName);

  const blocksOf = (section) => [...section.children].flatMap((child) =>
    child.tagName === "SECTION" ? blocksOf(child) : child.tagName === "SPAN" ? [] : [child]);

  /* What would stand below `height` begins the next slide; a heading always does. */
  const cut = () => {
    const blocks = blocksOf(article);
    for (const block of blocks) block.classList.remove("off-slide");
    const height = innerHeight - bar.offsetHeight - 128; // the margins around the text
    slides = [];
    let title = "";
    let top = 0;
    for (const block of blocks) {
      const box = block.getBoundingClientRect();
      if (!box.height) continue;
      if (heading(block)) title = block.firstChild.textContent;
      const slide = slides.at(-1);
      const alone = slide?.blocks.every(heading);
      if (!slide || (heading(block) && !alone) || (!alone && box.bottom - top > height)) {
        slides.push({ title, blocks: [block] });
        top = box.top;
      } else {
        slide.blocks.push(block);
        slide.title = title;
      }
    }
    return blocks;
  };

  const show = (number) => {
    current = Math.max(0, Math.min(slides.length - 1, number));
    const shown = new Set(slides[current].blocks);
    for (const block of blocksOf(article)) block.classList.toggle("off-slide", !shown.has(block));
    bar.querySelector("p").textContent =
      `${slides[current].title}, slide ${current + 1} of ${slides.length}`;
    scrollTo(0, 0);
  };

  const slideOf = (element) =>
    Math.max(0, slides.findIndex(({ blocks }) => blocks.some((b) => b === element || b.contains(element))));

  const button = (name, action) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = name;
    made.addEventListener("click", action);
    return made;
  };

  const begin = () => {
    if (bar) return;
    const first = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const inSight = (first && (first.querySelector("h1, h2, h3") || first)) ||
      blocksOf(article).find((block) => block.getBoundingClientRect().bottom > 80);
    bar = document.createElement("nav");
    bar.className = "slide-bar";
    bar.setAttribute("aria-label", "Slides");
    const status = document.createElement("p");
    status.setAttribute("role", "status");
    bar.append(button("Previous", () => show(current - 1)), button("Next", () => show(current + 1)),
      status, button("Back to the page", end));
    document.body.append(bar);
    root.classList.add("slides");
    cut();
    show(slideOf(inSight));
  };

  const end = () => {
    const [stay] = slides[current].blocks;
    for (const block of blocksOf(article)) block.classList.remove("off-slide");
    root.classList.remove("slides");
    bar.remove();
    bar = null;
    stay.scrollIntoView();
  };

  const TYPING = "input:not([type=range], [type=checkbox]), select, textarea";
  const keys = { PageDown: 1, PageUp: -1 };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (!bar) {
      if (event.key === "S" && event.shiftKey && !event.target.matches(TYPING)) begin();
    } else if (event.key in keys) {
      event.preventDefault();
      show(current + keys[event.key]);
    } else if (event.key === "Escape") {
      end();
    }
  });
  addEventListener("resize", () => {
    if (!bar) return;
    const [stay] = slides[current].blocks;
    cut();
    show(slideOf(stay));
  });
  if (new URLSearchParams(location.search).has("slides")) addEventListener("load", begin);
})();
