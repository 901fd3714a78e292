/* Python in the page, as long as nobody asks for it: a click loads the rest. */
{
  const bar = document.querySelector("[data-live]");
  const BUTTONS = "[data-run],[data-run-all],[data-restart],[data-stop],[data-edit],[data-put-back]";
  let live;
  const say = (button, text) => {
    const cell = button.closest(".cell");
    if (!cell) return void (bar.querySelector("[role=status]").textContent = text);
    cell.dataset.state = "error";
    cell.querySelector(".live-output")?.remove();
    const output = Object.assign(document.createElement("div"), { className: "live-output" });
    output.append(Object.assign(document.createElement("p"), { textContent: text }));
    cell.querySelector(".live-tools").after(output);
  };
  if (bar) {
    addEventListener("click", async ({ target, clientX: x, clientY: y }) => {
      const button = target.closest(BUTTONS);
      const code = button ? null : target.closest(".cell_input pre");
      const fromDisk = location.protocol === "file:";
      // Who marks text in order to copy it does not want to edit.
      if (!button && (!code || fromDisk || !getSelection().isCollapsed)) return;
      if (fromDisk) {
        say(button, "Browsers start no Python for a page that is opened from a disk. In the book's source, “make serve” serves this site on your computer: there it runs.");
        return;
      }
      try {
        live ??= import(new URL(bar.dataset.live + "live.js", document.baseURI));
        (await live).act(button ?? code, { x, y });
      } catch (error) {
        live = undefined;
        if (button) say(button, `Python could not be loaded (${error.message}). Everything else on this page works as before.`);
      }
    });
  }
}
