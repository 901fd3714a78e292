/* Answers to predictions, quiz and exercises, all of whose right answers are in the page. Whoever wants to
   remember one listens for "answered". */
(() => {
  "use strict";

  const answered = (element, detail) =>
    element.dispatchEvent(new CustomEvent("answered", { bubbles: true, detail }));
  const onSubmit = (form, act) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(form);
  });

  // Numbers as people write them. What is none is not judged.

  const ACCEPTED = "One number is wanted in each field, such as 5, −0.25, 2,5, 1e-3, 1/3, √2 or 3·10^4.";
  const LONGEST = 60;
  const FUNCTIONS = { "√": Math.sqrt, sqrt: Math.sqrt, log: Math.log, ln: Math.log, exp: Math.exp };
  const CONSTANTS = { π: Math.PI, pi: Math.PI, e: Math.E };
  const TOKEN = /\s*((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|sqrt|log|ln|exp|pi|[eπ√()+*/^-])\s*/gy;
  const PLAIN = [
    [/[⁻¹²³⁰-⁹]+/g, (raised) => `^(${raised.normalize("NFKC")})`],
    [/[−–]/g, "-"], [/[·×]/g, "*"], [/⁄/g, "/"], [/\*\*/g, "^"],
    [/^([^.,]*\d),(\d[^.,]*)$/, "$1.$2"],
  ];

  /* Return the number that a text says; null if it says none. NaN and infinity are what programs say. */
  const read = (text) => {
    if (/^\s*[-−+]?(nan|inf(inity)?|∞)\s*$/i.test(text)) {
      return /nan/i.test(text) ? NaN : /[-−]/.test(text) ? -Infinity : Infinity;
    }
    const value = text.length > LONGEST ? NaN : evaluate(text);
    return Number.isFinite(value) ? value : null;
  };

  const evaluate = (text) => {
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
      let value = signed();
      for (;;) {
        if (next("*")) value *= signed();
        else if (next("/")) value /= signed();
        else if (/^[a-zπ√(]/.test(tokens[0] ?? "")) value *= power(); // 2√2
        else return value;
      }
    };
    const signed = () => {
      if (next("-")) return -power();
      next("+");
      return power();
    };
    const power = () => {
      const base = atom();
      return next("^") ? base ** signed() : base;
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
    return tokens.length ? NaN : value;
  };

  // Quiz and predictions: to open an answer is to choose it. Its reason begins with "Right." or "No.".

  for (const box of document.querySelectorAll(".quiz, .predict:not(.number)")) {
    [...box.querySelectorAll(":scope > details")].forEach((option, given) => {
      const [summary, reason] = option.children;
      const right = /^\s*Right\./.test(reason.textContent);
      option.classList.add(right ? "right" : "wrong");
      summary.addEventListener("click", () => option.open || answered(box, { id: box.id, given, right }));
    });
  }

  // A number is asked for before it is told, as "5 ± 0.2.".

  for (const told of document.querySelectorAll(".predict.number > details")) {
    const box = told.parentElement;
    told.insertAdjacentHTML("beforebegin", `<form class="answer" autocomplete="off"><p><label>Your number
      <input inputmode="decimal"></label> <button>That is my guess</button></p>
      <output aria-live="polite"></output></form>`);
    onSubmit(told.previousElementSibling, (form) => {
      const [number, within = 0] = told.querySelector("strong").textContent.slice(0, -1).split("±").map(read);
      const [field, output] = form.querySelectorAll("input, output");
      const given = read(field.value);
      const off = Math.abs(given - number);
      const right = off <= within + 1e-9;
      const isNumber = Number.isFinite(given);
      field.setAttribute("aria-invalid", !isNumber);
      output.textContent = !isNumber ? ACCEPTED : right ? "Right." : off <= 3 * within ? "Close." : "No.";
      if (!isNumber) return;
      told.open = true;
      answered(box, { id: box.id, given, right });
    });
  }

  // Exercises. The words and the rules are those of lossbook/exercises/_assess.py.

  const close = (part, tolerance) => (f, r) =>
    f === r || Object.is(f, r) || Math.abs(f - r) <= tolerance * Math.max(Math.abs(r), part.least);
  const all = (numbers, others, test) => numbers.every((x, j) => test(x, others[j], j));
  const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const short = (x) => String(Number(x.toPrecision(4))).replace("-", "−");

  /* Say of the numbers of a part what is said of any wrong answer. */
  const inGeneral = (part, given, is, tolerance) => {
    const { right } = part;
    const everywhere = part.function ? ", everywhere." : ".";
    if (given.some((f, j) => Number.isNaN(f) && !Number.isNaN(right[j]))) return "it is NaN (not a number).";
    if (given.some((f, j) => Math.abs(f) === Infinity && Number.isFinite(right[j]))) return "it is infinite.";
    if (all(given, right, (f, r) => is(-f, r))) {
      return `${part.function ? "it is " : ""}right but for its sign${everywhere}`;
    }
    const ratios = given.map((f, j) => f / right[j]).filter((x) => Number.isFinite(x));
    if (part.function && ratios.length > 1) {
      const factor = ratios.sort((a, b) => a - b)[ratios.length >> 1];
      if (Math.abs(factor) > 1e-3 && all(given, right, (f, r) => is(f / factor, r))) {
        return `it is ${short(factor)} times the right one, everywhere.`;
      }
    }
    const allowed = tolerance * Math.max(Math.abs(right[0]), 1);
    if (given.length < 2 && !part.function && Math.abs(given[0] - right[0]) <= 3 * allowed) {
      return `near, but off by more than ${short(allowed)}: give more digits.`;
    }
    const wrong = given.filter((f, j) => !is(f, right[j])).length;
    if (given.length < 2) return "not right.";
    return `${wrong} of ${given.length} numbers ${wrong === 1 ? "is" : "are"} not right.`;
  };

  /* Return the verdict on one part: whether it is right, and a hint or other words. */
  const judge = (data, i, given) => {
    const part = data.parts[i];
    const hints = (test) => data.hints.find((_, k) => test(part.wrong[k]));
    if (part.axes) {
      const cell = part.axes.reduce((sum, [start, step, n], j) => {
        const k = (given[j] - start) / step;
        return Math.abs(k - Math.round(k)) < 1e-6 && k > -0.5 && k < n - 0.5 ? sum * n + Math.round(k) : NaN;
      }, 0);
      if (Number.isNaN(cell)) return { text: part.note };
      let [said, end] = [0, 0];
      for (const [kind, length] of part.runs) {
        said = kind;
        if ((end += length) > cell) break;
      }
      return { right: said === 1, hint: data.hints[said - 2], text: said === 1 ? "right." : "not right." };
    }
    if ("word" in part) {
      if (given === part.word) return { right: true, text: "right." };
      return { hint: hints((word) => word === given), text: "not right." };
    }
    const { right } = part;
    const is = close(part, data.tolerance);
    const free = data.constant && i === 0; // an added constant does not count
    const normal = (numbers) => numbers.map((x) => x - (free ? mean(numbers) - mean(right) : 0));
    given = normal(given);
    if (all(given, right, is)) return { right: true, text: "right." };
    // A usual mistake: it agrees with that wherever that differs from what is right.
    const makes = (wrong) => {
      if (!wrong) return false;
      const w = normal(wrong);
      return !all(w, right, is) && all(given, w, (f, x, j) => is(x, right[j]) || is(f, x));
    };
    return { hint: hints(makes), text: inGeneral(part, given, is, data.tolerance) };
  };

  const number = (_, x) => (/^(NaN|-?Infinity)$/.test(x) ? Number(x) : x); // JSON has none of these

  const check = (form) => {
    const data = JSON.parse(form.querySelector("script").textContent, number);
    const fields = [...form.querySelectorAll("input, select")];
    const output = form.querySelector("output");
    const say = (...lines) => {
      output.textContent = lines.join("\n");
      output.scrollIntoView({ block: "nearest" });
    };
    const rest = [...fields];
    const parts = data.parts.map((part) => rest.splice(0, (part.axes ?? part.right ?? [0]).length));
    const isWord = (i) => "word" in data.parts[i];
    const empty = (field) => !field.value.trim();
    const values = parts.map((of, i) => of.map((field) =>
      isWord(i) ? field.value : empty(field) ? undefined : read(field.value)));
    const unread = fields.filter((_, k) => values.flat()[k] === null);
    for (const field of fields) field.setAttribute("aria-invalid", unread.includes(field));
    unread[0]?.focus();
    if (unread.length) return say(ACCEPTED);
    if (fields.every(empty)) return say(data.missing);
    const given = values.map((numbers, i) => (parts[i].some(empty) ? null : numbers));
    const said = given.map((numbers, i) => {
      if (numbers) return judge(data, i, isWord(i) ? numbers[0] : numbers);
      const left = parts[i].filter(empty).length;
      return { text: left === parts[i].length ? "no answer yet." : `${left} of ${parts[i].length} numbers are missing.` };
    });
    const right = said.every((of) => of.right);
    const lines = said.map(({ hint, text }, i) => {
      const isKnown = hint && said.findIndex((of) => of.hint === hint) < i;
      const message = isKnown ? "the same." : hint ?? text;
      const { name } = data.parts[i];
      return name ? `${name}: ${message}` : message.replace(/^./, (c) => c.toUpperCase());
    });
    said.forEach((of, i) => parts[i].forEach((field) => field.setAttribute("aria-invalid", !of.right)));
    if (right) say(data.right);
    else say(...(said.length > 1 ? ["Not yet."] : []), ...lines);
    answered(form, { id: form.dataset.exercise, given: 0, right });
  };

  for (const form of document.querySelectorAll("form.answer[data-exercise]")) onSubmit(form, check);
})();
