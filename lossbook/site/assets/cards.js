/* The filter of the loss cards. Without it all cards are there to read. */
(() => {
  "use strict";
  const form = document.querySelector("form.card-filter");
  if (!form) return;
  const [search, task, count] = ["input[type=search]", "select", "output"].map((s) => form.querySelector(s));
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const cards = [...document.querySelectorAll("section.loss-card")].map((section) => ({
    section,
    words: section.textContent.toLowerCase(),
  }));
  const groups = new Set(cards.map(({ section }) => section.parentElement));

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const classes = boxes.filter((box) => box.checked).map((box) => `is-${box.value}`);
    if (task.value) classes.push(`task-${task.value}`);
    let shown = 0;
    for (const card of cards) {
      const fits =
        classes.every((name) => card.section.classList.contains(name)) &&
        words.every((word) => card.words.includes(word));
      card.section.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector("section.loss-card:not([hidden])");
    count.value = `${shown} of ${cards.length} losses`;
  };

  // A link to a card that is filtered out shows all of them.
  const reveal = () => {
    const target = document.querySelector(":target"); // whatever the address holds
    if (!target?.closest("section[hidden]")) return;
    form.reset();
    filter();
    target.scrollIntoView();
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", reveal);
  filter();
})();
