/* The frame of a page: colours, menus, the two sidebars, the search field, and where the reader is in the
   contents. In place of the theme's own scripts, whose markup and classes it serves. */
(() => {
  "use strict";
  const root = document.documentElement;
  const find = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const on = (selector, action) => all(selector).forEach((each) => each.addEventListener("click", action));

  // Colours: as the system has them, the others, and fixed to these. mode.js has set the first.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = (mode) => {
    const theme = mode === "auto" ? (dark.matches ? "dark" : "light") : mode;
    Object.assign(root.dataset, { mode, theme });
  };
  dark.addEventListener("change", () => paint(root.dataset.mode));
  on(".theme-switch-button", () => {
    const modes = dark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    const mode = modes[(modes.indexOf(root.dataset.mode) + 1) % 3];
    localStorage.setItem("mode", mode);
    paint(mode);
  });
  // Paper is white.
  addEventListener("beforeprint", () => { root.dataset.theme = "light"; });
  addEventListener("afterprint", () => paint(root.dataset.mode));

  for (const opener of all("#pst-primary-sidebar summary")) opener.ariaLabel = "Pages below"; // an icon

  // Menus and buttons.
  const actions = {
    print: () => print(),
    fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
  };
  on("[data-action]", ({ currentTarget }) => actions[currentTarget.dataset.action]());
  const closeMenus = (but) => {
    for (const menu of all("details.dropdown[open]")) if (!menu.contains(but)) menu.open = false;
  };
  addEventListener("click", ({ target }) => closeMenus(target));
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.dropdown[open]");
    closeMenus();
    menu?.querySelector("summary").focus();
  });

  // Dialogs close when their surroundings are clicked, and by Escape, which sphinx_highlight.js takes.
  for (const dialog of all("dialog")) {
    dialog.addEventListener("keydown", ({ key }) => key === "Escape" && dialog.close());
    dialog.addEventListener("click", ({ clientX: x, clientY: y }) => {
      const box = dialog.getBoundingClientRect();
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) dialog.close();
    });
  }

  // The sidebars: beside the text on a wide screen, in a dialog on a narrow one.
  const sidebar = find("#pst-primary-sidebar");
  const move = (from, to) => {
    to.append(...from.childNodes);
    to.className = from.className;
    from.className = "";
  };
  for (const name of ["primary", "secondary"]) {
    const [side, dialog] = [find(`#pst-${name}-sidebar`), find(`#pst-${name}-sidebar-modal`)];
    if (!side) continue;
    on(`.${name}-toggle`, () => {
      if (name === "primary" && matchMedia("(min-width: 992px)").matches) {
        side.classList.toggle("pst-sidebar-hidden");
      } else {
        move(side, dialog);
        dialog.showModal();
      }
    });
    dialog.addEventListener("close", () => move(dialog, side));
    dialog.addEventListener("click", ({ target }) => target.closest("a[href*='#']") && dialog.close());
  }

  // The book's contents stay where the reader has scrolled them, or show the page that is open. With the
  // first picture: to ask earlier where something stands would lay out the page in the middle of this
  // script. `scrollIntoView` would move the page with them, away from the heading that a link names.
  const place = Number.parseInt(sessionStorage.getItem("sidebar-scroll-top"), 10);
  const here = sidebar.querySelector(".current.active");
  requestAnimationFrame(() => {
    const y = here?.getBoundingClientRect().y;
    if (place >= 0) sidebar.scrollTop = place;
    else if (y > innerHeight / 2) sidebar.scrollTop += y - innerHeight / 2;
  });
  addEventListener("pagehide", () => sessionStorage.setItem("sidebar-scroll-top", sidebar.scrollTop));

  // The search field, in a dialog; on the page of results, where it stands.
  const mac = /^(Mac|iPhone)/.test(navigator.platform);
  const search = find("#pst-search-dialog");
  const field = find(".bd-search-container input");
  const ask = () => {
    if (!field) return search.open ? search.close() : search.showModal();
    field.focus();
    field.select();
  };
  on(".search-button__button", ask);
  if (mac) for (const key of all(".kbd-shortcut__modifier")) key.textContent = "⌘";
  addEventListener("keydown", (event) => {
    const modifier = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    if (!modifier || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    ask();
  }, true);
  if (field) ask();

  // A shadow below the buttons once the text has gone under them.
  new IntersectionObserver(([{ boundingClientRect }]) =>
    document.body.classList.toggle("scrolled", boundingClientRect.y < 0),
  ).observe(find(".sbt-scroll-pixel-helper"));

  // Where the reader is: the last heading that came into the upper third of the window.
  const links = new Map(all("#pst-page-toc-nav a").map((link) => [link.hash.slice(1), link]));
  const mark = (current) => {
    for (const link of links.values()) {
      link.classList.toggle("active", link === current);
      if (link === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const entry of all("#pst-page-toc-nav .toc-entry")) {
      entry.classList.toggle("active", entry.contains(current));
    }
  };
  const headings = new Map();
  for (const [id, link] of links) {
    const target = document.getElementById(decodeURIComponent(id));
    if (target) headings.set(target.querySelector("h1, h2, h3, h4, h5, h6") ?? target, link);
  }
  let asked = 0; // a link of the contents is marked while the page scrolls to its place
  const seen = new IntersectionObserver((entries) => {
    const entry = entries.filter(({ isIntersecting }) => isIntersecting).pop();
    if (entry && performance.now() > asked) mark(headings.get(entry.target));
  }, { rootMargin: "0px 0px -70% 0px" });
  for (const heading of headings.keys()) seen.observe(heading);
  const arrive = () => {
    const link = links.get(location.hash.slice(1));
    if (!link) return;
    asked = performance.now() + 1000;
    mark(link);
  };
  addEventListener("hashchange", arrive);
  for (const link of links.values()) link.addEventListener("click", () => setTimeout(arrive));
  arrive();
})();
