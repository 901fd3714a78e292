/* Where the reader's code runs: Python in a worker of its own, away from the page.

   The page sends { number, source }; back come { loaded, of } in bytes while Python loads, { ready },
   { kind, text } for whatever a cell shows, { ended: "done" | "error" }, and { failed } where Python
   cannot go on. */
import { loadPyodide } from "./pyodide.mjs";

const post = self.postMessage.bind(self);
const here = new URL("./", self.location.href).href;

// Downloads that are counted, and begin together: Pyodide asks for one after the other.
const download = self.fetch.bind(self);
const begun = new Map();
let loaded = 0;
let total = 0;

async function counted(url, options) {
  const response = await download(url, options);
  if (!response.ok || !response.body) throw new Error(`${url} (${response.status})`);
  const count = new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      post({ loaded, of: total });
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(count), {
    headers: { "Content-Type": response.headers.get("Content-Type") ?? "" },
  });
}

function begin(name) {
  const url = here + name;
  const response = counted(url);
  response.catch(() => {}); // whoever asks for it is told
  begun.set(url, response);
}

self.fetch = (request, options) => {
  const url = new URL(request.url ?? request, here).href;
  const response = begun.get(url);
  begun.delete(url);
  return response ?? download(request, options);
};

async function load() {
  const about = await (await download(`${here}runtime.json`)).json();
  const names = ["pyodide.asm.wasm", "python_stdlib.zip", about.numpy_file, about.wheel];
  total = names.reduce((sum, name) => sum + about.files[name].size, 0);
  names.forEach(begin);
  const pyodide = await loadPyodide({
    indexURL: here,
    packageBaseUrl: here,
    packages: ["numpy"],
    // No way from Python to the browser: what Python may import as `js` is empty.
    jsglobals: Object.create(null),
    env: { EXPLORE_FRONT: "kept", HOME: "/home/reader" },
    stdin: () => null,
    stdout: () => {},
    stderr: (text) => console.debug(text),
  });
  pyodide.unpackArchive(await (await self.fetch(here + about.wheel)).arrayBuffer(), "wheel");
  const source = await (await download(`${here}run.py`)).text();
  const space = pyodide.toPy({ __name__: "page" });
  pyodide.runPython(source, { globals: space });
  const send = (kind, text) => post({ kind, text });
  const session = space.get("Session")(send);
  pyodide.runPython("import lossbook");
  return session.run;
}

// What remains for the reader's code is the language itself: no storage, no network, no address.
const REMAIN = new Set(
  (
    "AggregateError Array ArrayBuffer Atomics BigInt Boolean DataView Date Error FinalizationRegistry " +
    "Function Infinity Intl JSON Map Math NaN Number Object Promise Proxy Reflect RegExp Set " +
    "SharedArrayBuffer String SuppressedError Symbol WeakMap WeakRef WeakSet WebAssembly constructor " +
    "decodeURI decodeURIComponent encodeURI encodeURIComponent escape globalThis isFinite isNaN " +
    "parseFloat parseInt undefined unescape " +
    // What Pyodide asks for while it runs.
    "AbortController AbortSignal DOMException Event EventTarget MessageChannel MessageEvent " +
    "MessagePort TextDecoder TextEncoder URL addEventListener clearInterval clearTimeout console " +
    "crypto dispatchEvent onerror onmessage performance queueMicrotask removeEventListener " +
    "reportError self setTimeout structuredClone"
  ).split(" "),
);
const REMAINS = /^(?:[A-Z]\w*Error|(?:Big)?(?:Ui|I)nt\w*Array|Float\w+Array|(?:Async)?Iterator)$/;

function close() {
  for (let on = self; on && on !== Object.prototype; on = Object.getPrototypeOf(on)) {
    for (const name of Object.getOwnPropertyNames(on)) {
      if (!REMAIN.has(name) && !REMAINS.test(name)) Reflect.deleteProperty(on, name);
    }
  }
  // Text does not become code, whatever policy the site is served with.
  const wait = self.setTimeout;
  self.setTimeout = (call, ...rest) => wait(typeof call === "function" ? call : () => {}, ...rest);
  const makers = [() => {}, async () => {}, function* () {}, async function* () {}];
  for (const maker of makers) {
    Object.defineProperty(Object.getPrototypeOf(maker), "constructor", { value: undefined });
  }
  const asked = self.Function.prototype; // for instanceof, which Pyodide asks
  self.Function = function () {};
  self.Function.prototype = asked;
}

const ready = load().then((run) => {
  close();
  post({ ready: true });
  return run;
});
ready.catch((error) => post({ failed: String(error?.message ?? error) }));

self.onmessage = async ({ data: { number, source } }) => {
  try {
    const run = await ready;
    post({ ended: run(source, number) ? "done" : "error" });
  } catch (error) {
    post({ failed: String(error?.message ?? error) });
  }
};
