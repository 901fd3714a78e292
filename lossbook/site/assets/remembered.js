/* The pages that show what memory.js has stored: the front page, which goes on there, and the one that
   lists it, empties it and switches it off. */
(() => {
  "use strict";
  const { KEY, pageOf, clean, recall, store, state, element, link } = Memory;

  const show = (slot, said = "") => {
    const { last, chapters, off } = recall();
    const mode = localStorage.getItem("mode");
    const item = (...children) => element("li", {}, ...children);
    const button = (label, act) => element("button", { type: "button", onclick: act }, label);
    const list = [
      ...(last ? [item("Last read: ", link(last.page, last.id, last.title))] : []),
      ...Object.entries(chapters).map(([page, chapter]) => item(
        link(page, "", chapter.title), `: ${state(chapter)}`,
        element("ul", {}, ...Object.entries(chapter.answers).map(([id, [, right]]) => item(
          link(page, id.startsWith("ch") ? `ex-${id}` : id, id.replace(/^(ch\d+|quiz|predict)-/, "").replaceAll("-", " ")),
          right ? ": right" : ": not right"))))),
      ...(mode ? [item(`Colours: ${mode === "auto" ? "those of your system" : mode}`)] : []),
    ];
    slot.replaceChildren(
      off ? "Nothing is remembered: you have switched it off." : list.length ? "" : "Nothing is remembered yet.",
      element("ul", {}, ...list),
      button("Forget everything", () => {
        for (const key of [KEY, "mode"]) localStorage.removeItem(key);
        if (off) store({ ...clean(), off });
        show(slot, "Forgotten.");
      }), " ",
      button(off ? "Remember again" : "Switch it off", () => {
        store({ ...clean(), ...(!off && { off: true }) });
        show(slot, off ? "From now on, it is remembered." : "Forgotten, and switched off.");
      }), " ",
      element("output", { ariaLive: "polite" }, said));
  };

  const goOn = (slot) => {
    const { last, chapters } = recall();
    if (last) {
      const { title } = chapters[last.page] ?? {};
      slot.append("Go on with ", link(last.page, last.id, last.title), title ? `, in ${title}` : "");
    }
    for (const card of document.querySelectorAll(".sd-card:has(> a.sd-stretched-link)")) {
      const chapter = chapters[pageOf(card.querySelector(":scope > a").href)];
      const text = chapter && state(chapter);
      if (text) card.querySelector(".sd-card-footer")?.append(element("p", { className: "chapter-state" }, text));
    }
  };

  const list = document.getElementById("memory");
  if (list) show(list);
  const place = document.querySelector(".go-on");
  if (place) goOn(place);
})();
