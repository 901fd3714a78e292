/* Before anything is painted: the colours that the reader chose. */
document.documentElement.dataset.mode = localStorage.getItem("mode") || "auto";
document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";

/* A reader who comes to a place within the page finds the sections above it at their full height. */
if (location.hash || performance.getEntriesByType("navigation")[0]?.type !== "navigate") {
  document.documentElement.classList.add("laid-out");
}

/* Fonts of formulas, before the page is laid out. (From a disk, browsers refuse to load ahead.) */
if (location.protocol !== "file:") {
  const { dataset, src } = document.currentScript;
  for (const name of dataset.fonts ? dataset.fonts.split(" ") : []) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "anonymous" });
    link.href = new URL(`katex/fonts/${name}.woff2`, src).href;
    document.head.append(link);
  }
}
