/* The cells of a page and the Python that runs them: loaded when somebody presses Run. */

const bar = document.querySelector("[data-live]");
const base = new URL(bar.dataset.live, document.baseURI).href;
const status = bar.querySelector("[role=status]");
const MEGABYTE = 1e6;

const make = (tag, className, text = "") =>
  Object.assign(document.createElement(tag), { className, textContent: text });

// What Python sends as HTML: tables, and what stands in them. All else is left out, and no attribute
// stays that could load or run anything.
const TAGS = new Set(
  ("table thead tbody tfoot tr th td caption colgroup col div span p pre code b strong i em sub sup " +
    "small br wbr hr ul ol li dl dt dd h3 h4 h5 h6 details summary").split(" "),
);
const ATTRIBUTES = new Set(["class", "colspan", "rowspan", "scope", "span", "open", "lang", "dir"]);

function harmless(html) {
  const parsed = Object.assign(make("template", ""), { innerHTML: html }).content;
  for (const element of parsed.querySelectorAll("*")) {
    if (!TAGS.has(element.localName)) {
      element.replaceWith(/^(script|style|template|iframe|object|svg|math)$/.test(element.localName) ? "" : element.textContent);
      continue;
    }
    for (const { name } of [...element.attributes]) {
      if (!ATTRIBUTES.has(name)) element.removeAttribute(name);
    }
  }
  return parsed.childNodes;
}

/* A cell: what it holds, what it showed, and how it fares. */
class Cell {
  constructor(element, number) {
    this.element = element;
    this.number = number;
    this.pre = element.querySelector(".cell_input pre");
    this.button = element.querySelector("[data-run]");
    this.stored = [...(element.querySelector(".cell_output")?.children ?? [])].filter(
      (output) => !output.querySelector("figure.explore"),
    );
    this.ran = null; // the source that Python has run
  }

  get source() {
    return this.pre.textContent.replace(/\n$/, "");
  }

  get state() {
    return this.element.dataset.state;
  }

  set state(state) {
    if (state) this.element.dataset.state = state;
    else delete this.element.dataset.state;
    const busy = { loading: "Waiting", running: "Running" }[state];
    this.button.textContent = busy ?? "Run";
    this.button.setAttribute("aria-disabled", Boolean(busy));
  }

  /* The stored output stays until a new one comes. */
  clear(restore = false) {
    this.output?.remove();
    this.output = null;
    this.element.querySelector(".live-output")?.remove();
    for (const output of this.stored) output.hidden = !restore;
  }

  get place() {
    if (!this.output) {
      this.output = make("div", "live-output");
      this.element.querySelector(".live-tools").after(this.output);
    }
    return this.output;
  }

  show(kind, text) {
    const last = this.place.lastElementChild;
    if (kind === "stdout" || kind === "stderr") {
      const running = last?.dataset.kind === kind ? last : make("pre", `live-${kind}`);
      running.dataset.kind = kind;
      running.append(text);
      this.place.append(running);
    } else if (kind === "html") {
      const table = make("div", "live-html");
      table.append(...harmless(text));
      this.place.append(table);
    } else if (kind === "result" || kind === "error") {
      this.place.append(make("pre", `live-${kind}`, text));
    } else {
      const note = make("p", "live-note", text);
      if (kind === "kernel") {
        const link = make("a", "", "Where to have one");
        link.href = bar.dataset.ways;
        note.append(" ", link);
      }
      this.place.append(note);
    }
  }
}

const cells = [...document.querySelectorAll("[data-run]")].map(
  (button, i) => new Cell(button.closest(".cell"), i + 1),
);
const cellOf = (element) => cells.find((cell) => cell.element === element.closest(".cell"));

// Python, and what waits for it.
let worker = null;
let ready = false;
let current = null;
let queue = [];
const pressed = new Set(); // what the reader asked for, beside what that needs

function say(text, announced = true) {
  status.setAttribute("aria-live", announced ? "polite" : "off");
  status.textContent = text;
}

async function start() {
  const mine = (worker = {}); // until it is there
  await keepFiles();
  if (worker !== mine) return; // stopped before it began
  worker = new Worker(`${base}worker.js`, { type: "module" });
  worker.onmessage = ({ data }) => heed(data);
  worker.onerror = (event) => {
    event.preventDefault();
    fail(event.message || "its files could not be loaded");
  };
}

/* Python's files are kept where the browser allows it; else it fetches them as usual. */
async function keepFiles() {
  try {
    const registration = await navigator.serviceWorker.register(new URL("../cache.js", base));
    const service = registration.installing ?? registration.waiting ?? registration.active;
    await new Promise((resolve) => {
      const look = () => ["activated", "redundant"].includes(service.state) && resolve();
      service.addEventListener("statechange", look);
      setTimeout(resolve, 2000);
      look();
    });
  } catch {
    // no service workers here
  }
}

function heed({ loaded, of, ready: isReady, kind, text, ended, failed }) {
  if (loaded) {
    const [now, all] = [loaded, of].map((bytes) => (bytes / MEGABYTE).toFixed(1));
    say(`Loading Python: ${now} of ${all} MB`, false);
  } else if (isReady) {
    ready = true;
    next();
  } else if (kind) {
    if (!current.output) current.clear();
    current.show(kind, text);
  } else if (ended) {
    finish(ended);
  } else if (failed) {
    fail(failed);
  }
}

function next() {
  if (!ready || current) return;
  current = queue.shift() ?? null;
  if (!current) return say("Python is ready");
  current.output?.remove();
  current.output = null;
  current.begun = current.source;
  current.state = "running";
  say(`Running cell ${current.number} of ${cells.length}`);
  worker.postMessage({ number: current.number, source: current.begun });
}

function finish(ended) {
  const cell = current;
  current = null;
  pressed.delete(cell);
  if (!cell.output) cell.clear(); // it shows nothing now
  for (const block of cell.place.children) {
    // What scrolls must scroll with the keyboard too.
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = block;
    if (scrollWidth > clientWidth || scrollHeight > clientHeight) block.tabIndex = 0;
  }
  cell.state = ended;
  // As in a notebook, an error that the text is about ends nothing.
  const goesOn = ended === "done" || cell.element.classList.contains("tag_raises-exception");
  cell.ran = goesOn ? cell.begun : null;
  if (!goesOn) {
    cell.element.id ||= `cell-${cell.number}`;
    give_up("error", (other) => {
      other.show("note", "This cell has not run, since ");
      const link = make("a", "", "a cell above ended with an error");
      link.href = `#${cell.element.id}`;
      other.output.lastElementChild.append(link, ".");
    });
    say(`Cell ${cell.number} ended with an error`);
  } else next();
}

/* Nothing more is run. What was asked for is told why. */
function give_up(state, explain) {
  const waiting = queue;
  queue = [];
  for (const cell of waiting) {
    const asked = pressed.has(cell);
    if (asked) {
      cell.clear(true);
      explain(cell);
    }
    cell.state = asked ? state : null;
  }
  pressed.clear();
}

function end() {
  worker?.terminate?.();
  worker = null;
  ready = false;
  current = null;
  for (const cell of cells) cell.ran = null;
}

function fail(reason) {
  const cell = current;
  if (cell) queue.unshift(cell);
  if (cell) pressed.add(cell);
  end();
  const text = /memory/i.test(reason)
    ? "There is not enough free memory for Python here: close other tabs, then choose Restart."
    : `Python cannot go on (${reason}). Restart begins anew; everything else on this page works.`;
  give_up("error", (other) => other.show("error", text));
  say(text);
}

function stop() {
  if (!current && !queue.length) return say("Nothing is running");
  if (current) {
    current.show("note", "Stopped. Python starts anew with the next Run, and the cells above run first again.");
    current.state = "stopped";
    pressed.delete(current);
  }
  end();
  give_up("stopped", (cell) => cell.show("note", "Stopped before it ran."));
  say("Stopped");
}

function restart() {
  end();
  queue = [];
  pressed.clear();
  for (const cell of cells) {
    cell.clear(true);
    cell.state = null;
  }
  say("Python starts anew with the next Run");
}

/* From the first run on, the bar goes with the reader. */
function follow() {
  if (bar.parentElement === document.body) return;
  bar.parentElement.style.minHeight = `${bar.offsetHeight}px`; // nothing moves
  bar.classList.add("at-work");
  document.body.append(bar);
}

function ask(wanted) {
  follow();
  for (const cell of wanted) {
    if (cell === current || queue.includes(cell)) continue;
    queue.push(cell);
    cell.state = "loading";
  }
  queue.sort((a, b) => a.number - b.number);
  if (!worker) {
    say("Loading Python");
    start();
  } else next();
}

function run(cell) {
  if (cell === current || queue.includes(cell)) return;
  pressed.add(cell);
  const above = cells.slice(0, cells.indexOf(cell));
  ask([...above.filter((other) => other.ran !== other.source), cell]);
}

/* What a click means. */
export function act(target, point) {
  const { runAll, restart: anew, stop: halt, run: one, edit, putBack } = target.dataset;
  if (one !== undefined) run(cellOf(target));
  else if (runAll !== undefined) {
    cells.forEach((cell) => pressed.add(cell));
    ask(cells);
  } else if (anew !== undefined) restart();
  else if (halt !== undefined) stop();
  else if (putBack !== undefined) reset(cellOf(target));
  else open(cellOf(target), edit === undefined ? point : null);
}

document.head.append(
  Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${base}live.css` }),
);

// Editing.
let editor;

async function open(cell, point) {
  if (cell.editor) return cell.editor.focus();
  editor ??= import(`${base}editor.js`);
  const { edit } = await editor;
  if (cell.editor) return;
  cell.original ??= [...cell.pre.childNodes].map((node) => node.cloneNode(true));
  cell.first ??= cell.source;
  cell.editor = edit(cell.pre, {
    label: `Code of cell ${cell.number}`,
    hint: "Ctrl and Enter run it. Tab indents; Escape, then Tab, leaves.",
    beside: cell.element.querySelector(".live-tools"),
    point,
    run: () => run(cell),
    changed: (text) => {
      cell.pre.textContent = text; // what is copied, and what runs
      offer(cell, text !== cell.first);
    },
  });
}

function offer(cell, changed) {
  const tools = cell.element.querySelector(".live-tools");
  let button = tools.querySelector("[data-put-back]");
  if (changed && !button) {
    button = Object.assign(make("button", "", "Put back"), { type: "button" });
    button.dataset.putBack = "";
    tools.querySelector("[data-edit]").after(button);
  }
  if (button) button.hidden = !changed;
}

function reset(cell) {
  cell.editor?.close();
  cell.editor = null;
  cell.pre.replaceChildren(...cell.original.map((node) => node.cloneNode(true)));
  cell.element.querySelector("[data-put-back]").hidden = true;
  cell.element.querySelector("[data-edit]").focus();
  if (cell !== current && !queue.includes(cell)) {
    cell.clear(true);
    cell.state = null;
  }
}
