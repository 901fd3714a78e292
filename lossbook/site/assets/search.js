/* Sphinx's search looks words up as properties of objects. Any word may be one: "constructor" too.
   A formula stands on a page twice, to be seen and to be heard; an excerpt shows it once, and of a
   figure its caption. */
(() => {
  "use strict";
  const { setIndex, query } = Search;
  const plain = Object.create(null, { hasOwnProperty: { value: Object.prototype.hasOwnProperty } });
  Search.setIndex = (index) => {
    for (const words of [index.terms, index.titleterms]) Object.setPrototypeOf(words, plain);
    setIndex(index);
  };
  Search.query = (words) => query(words.slice(0, 200)); // nor is there a longer pattern
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const hidden =
      ".headerlink, script, style, .katex-html, annotation, .explore-controls, .explore-picture";
    for (const element of page.querySelectorAll(hidden)) element.remove();
    const main = page.querySelector('[role="main"]');
    const place = anchor ? main?.querySelector(anchor) : null; // of a label: empty, in its section
    return place?.textContent || place?.parentElement.textContent || main?.textContent || "";
  };
})();
