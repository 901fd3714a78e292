/* Answers that a reader gives on the page: to predictions, to the quiz, to exercises. What is right was
   worked out while the site was built (lossbook/site/choices.py); here it is compared. Whoever wants to
   remember an answer listens for "answered". */
(() => {
  "use strict";

  const answered = (element, detail) =>
    element.dispatchEvent(new CustomEvent("answered", { bubbles: true, detail }));

  // Numbers as people write them. What is none is not wrong: the reader is told what will do.

  const ACCEPTED = "One number is wanted here, such as 5, −0.25, 2,5, 1e-3, 1/3, √2 or 3·10^4.";
  const LONGEST = 60;
  const FUNCTIONS = { "√": Math.sqrt, sqrt: Math.sqrt, log: Math.log, ln: Math.log, exp: Math.exp };
  const CONSTANTS = { π: Math.PI, pi: Math.PI, e: Math.E };
  const TOKEN = /\s*((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|sqrt|log|ln|exp|pi|[eπ√()+*/^-])\s*/gy;
  const PLAIN = [
    [/[−–]/g, "-"], [/[·×]/g, "*"], [/⁄/g, "/"], [/\*\*/g, "^"],
    [/⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (all) => `^(${[...all].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).join("").replace("-1", "-")})`],
    [/½/g, "(1/2)"], [/^([^.,]*\d),(\d[^.,]*)$/, "$1.$2"],
  ];

  /* Return the number that a text says; NaN if it says none. */
  const read = (text) => {
    if (text.length > LONGEST) return NaN;
    const plain = PLAIN.reduce((t, [from, to]) => t.replace(from, to), text.trim().toLowerCase());
    const tokens = [...plain.matchAll(TOKEN)].map((match) => match[1]);
    if (plain.replace(/\s/g, "") !== tokens.join("")) return NaN;
    const next = (...wanted) => wanted.includes(tokens[0]) && tokens.shift();
    const sum = () => {
      let value = product();
      for (let sign; (sign = next("+", "-")); ) value += sign === "-" ? -product() : product();
      return value;
    };
    const product = () => {
      if (next("-")) return -factors();
      next("+");
      return factors();
    };
    const factors = () => {
      let value = power();
      for (;;) {
        if (next("*")) value *= power();
        else if (next("/")) value /= power();
        else if (/^[a-zπ√(]/.test(tokens[0] ?? "")) value *= power(); // 2√2
        else return value;
      }
    };
    const power = () => {
      const base = atom();
      return next("^") ? base ** (next("-") ? -power() : power()) : base;
    };
    const atom = () => {
      const token = tokens.shift() ?? "";
      if (token in FUNCTIONS) return FUNCTIONS[token](atom());
      if (token in CONSTANTS) return CONSTANTS[token];
      if (token !== "(") return /^[\d.]/.test(token) ? Number(token) : NaN;
      const value = sum();
      return next(")") ? value : NaN;
    };
    const value = sum();
    return tokens.length || !Number.isFinite(value) ? NaN : value;
  };

  // Quiz and predictions: to open an answer is to choose it.

  for (const box of document.querySelectorAll(".admonition:is(.quiz, .predict)")) {
    const options = [...box.querySelectorAll(":scope > details")];
    box.addEventListener("click", ({ target }) => {
      const option = target.closest("summary")?.parentElement;
      const chosen = options.indexOf(option);
      if (chosen < 0 || option.open || box.querySelector(":scope > form")) return;
      answered(box, { id: box.id, given: chosen, right: option.classList.contains("right") });
    });
  }

  for (const form of document.querySelectorAll("form.answer[data-number]")) {
    const { number, within } = form.dataset;
    const field = form.querySelector("input");
    const output = form.querySelector("output");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = read(field.value);
      field.setAttribute("aria-invalid", Number.isNaN(given));
      if (Number.isNaN(given)) {
        output.textContent = ACCEPTED;
        return;
      }
      const off = Math.abs(given - number);
      const right = off <= Number(within) + 1e-9;
      output.textContent = right ? "Right." : off <= 3 * within ? "Close." : "No.";
      form.nextElementSibling.open = true;
      answered(form.parentElement, { id: form.parentElement.id, given, right });
    });
  }
})();
