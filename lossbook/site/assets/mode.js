/* Before anything is painted. */

/* Where a reader keeps pages from storing anything, they store nothing, and all else works. */
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].length;
  } catch {
    const kept = new Map();
    Object.defineProperty(window, name, {
      value: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => kept.set(key, String(value)),
        removeItem: (key) => kept.delete(key),
      },
    });
  }
}

/* The colours that the reader chose, or else those of the system. */
{
  const mode = localStorage.getItem("mode") || "auto";
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const theme = mode === "auto" ? system : mode;
  Object.assign(document.documentElement.dataset, { mode, theme });
}

/* Where the front page has a place to go on with (remembered.js), there is room for it. */
if (localStorage.getItem("lossbook")?.includes('"last"')) document.documentElement.dataset.remembers = "";

/* A reader who comes to a place within the page finds the sections above it at their full height. */
if (location.hash || performance.getEntriesByType("navigation")[0]?.type !== "navigate") {
  document.documentElement.classList.add("laid-out");
}

/* Fonts of formulas, before the page is laid out. (From a disk, browsers refuse to load ahead.) */
if (location.protocol !== "file:") {
  const { dataset, src } = document.currentScript;
  for (const name of dataset.fonts ? dataset.fonts.split(" ") : []) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "font", type: "font/woff", crossOrigin: "anonymous" });
    link.href = new URL(`katex/fonts/${name}.woff`, src).href;
    document.head.append(link);
  }
}
