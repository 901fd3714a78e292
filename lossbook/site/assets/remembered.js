/* The page that shows what memory.js has stored, empties it and switches it off. */
(() => {
  "use strict";
  const { KEY, clean, recall, store, state, element, link } = Memory;

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

  const slot = document.getElementById("memory");
  if (slot) show(slot);
})();
