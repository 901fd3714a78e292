/* A stand-in for the worker that runs Python: it does what each line of a cell says. The protocol is
   that of lossbook/site/assets/live/worker.js. */
const post = self.postMessage.bind(self);
post({ loaded: 1_200_000, of: 15_000_000 });
setTimeout(() => post({ ready: true }), 50);
let times = 0;
self.onmessage = ({ data: { number, source } }) => {
  times += 1;
  for (const line of source.split("\n")) {
    const [verb, ...rest] = line.split(" ");
    const text = rest.join(" ");
    if (verb === "forever") for (;;);
    if (verb === "crash") return post({ failed: text });
    if (verb === "fail") {
      post({ kind: "error", text });
      return post({ ended: "error" });
    }
    if (verb === "count") post({ kind: "stdout", text: `${number} ran as number ${times}\n` });
    else if (verb) post({ kind: verb, text: verb === "stdout" ? `${text}\n` : text });
  }
  post({ ended: "done" });
};
