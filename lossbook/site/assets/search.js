/* Sphinx's search looks words up as properties of objects. Any word may be one: "constructor" too. */
(() => {
  "use strict";
  const { setIndex, query } = Search;
  const plain = Object.create(null, { hasOwnProperty: { value: Object.prototype.hasOwnProperty } });
  Search.setIndex = (index) => {
    for (const words of [index.terms, index.titleterms]) Object.setPrototypeOf(words, plain);
    setIndex(index);
  };
  Search.query = (words) => query(words.slice(0, 200)); // nor is there a longer pattern
})();
