/* A word of the glossary shows its definition beside it: under the mouse, with the keyboard's focus, and
   when it is tapped. The definitions stand at the end of the page (lossbook/site/links.py). */
(() => {
  "use strict";
  const DELAY = 200; // ms: time to pass over a word, and to reach its definition
  const GAP = 8;
  let shown = null;
  let opener;
  let timer;

  const hide = () => {
    clearTimeout(timer);
    shown?.hidePopover();
    shown = null;
  };
  const show = (link, box) => {
    clearTimeout(timer);
    if (shown === box) return;
    hide();
    [shown, opener] = [box, link];
    box.showPopover({ source: link }); // after the link is where the Tab key finds it
    const word = link.getClientRects()[0]; // the first line of it
    const { offsetHeight: height, offsetWidth: width } = box;
    const top = word.bottom + height < innerHeight ? word.bottom : Math.max(0, word.top - height);
    const left = Math.max(GAP, Math.min(word.left, document.documentElement.clientWidth - width - GAP));
    Object.assign(box.style, { top: `${top + scrollY}px`, left: `${left + scrollX}px` });
  };
  const byMouse = (act) => ({ pointerType }) => {
    clearTimeout(timer);
    if (pointerType === "mouse") timer = setTimeout(act, DELAY);
  };

  let isTouch = false;
  addEventListener("pointerdown", ({ pointerType, target }) => {
    isTouch = pointerType === "touch";
    if (!shown?.contains(target)) hide();
  }, true);
  addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    if (shown?.contains(document.activeElement)) opener.focus();
    hide();
  });

  for (const link of document.querySelectorAll('article a[href*="#term-"]')) {
    const text = document.getElementById(`about-${link.hash.slice(1)}`);
    const box = text?.parentElement;
    if (!box?.showPopover) continue; // in the glossary itself, and in old browsers
    box.popover = "manual";
    link.setAttribute("aria-describedby", text.id);
    link.addEventListener("pointerenter", byMouse(() => show(link, box)));
    box.addEventListener("pointerenter", () => clearTimeout(timer));
    box.addEventListener("click", ({ target }) => target.closest("a") && hide());
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link, box));
    link.addEventListener("click", (event) => {
      if (!isTouch) return;
      event.preventDefault(); // the definition has a link to the glossary
      show(link, box);
    });
    for (const part of [link, box]) {
      part.addEventListener("pointerleave", byMouse(hide));
      part.addEventListener("focusout", ({ relatedTarget }) => box.contains(relatedTarget) || hide());
    }
  }
})();
