/* Where a reader was and what she answered, remembered on her device alone. remembered.js
   shows it. */
const Memory = (() => {
  "use strict";
  const KEY = "lossbook"; // mode.js looks for it too
  const VERSION = 1;
  const MOST = 20_000; // characters
  const ROOT = new URL(document.documentElement.dataset.content_root ?? "./", location).href;
  const pageOf = (url) => url.slice(ROOT.length).replace(/(\.html)?([?#].*)?$/, "");
  const PAGE = pageOf(location.href);
  const KINDS = { exercises: "ch", questions: "quiz-", predictions: "predict-" };

  // What is stored may be old, damaged or somebody else's: only what has this shape is taken from it.
  const isName = (x) => /^[\w-]{1,80}$/.test(x);
  const isChapter = (x) => /^chapters\/[\w-]{1,80}$/.test(x);
  const isTitle = (x) => typeof x === "string" && x.length < 200;
  const isCount = (x) => Number.isInteger(x) && x < 200;
  const isAnswer = (x) => Array.isArray(x) && Number.isFinite(x[0]) && typeof x[1] === "boolean";
  const only = (object, isKey, isValue, take = (x) => x) => Object.fromEntries(
    Object.entries(Object(object)).filter(([key, x]) => isKey(key) && isValue(x)).slice(0, 200)
      .map(([key, x]) => [key, take(x)]));
  const clean = (data) => {
    if (data?.version !== VERSION) data = null;
    const { last, off } = data ?? {};
    const isThere = isChapter(last?.page) && isName(last.id) && isTitle(last.title);
    return {
      version: VERSION,
      ...(off === true && { off }),
      ...(isThere && { last: { page: last.page, id: last.id, title: last.title } }),
      chapters: only(data?.chapters, isChapter, (x) => isTitle(x?.title), ({ title, of, answers }) => ({
        title, of: only(of, (x) => KINDS[x], isCount), answers: only(answers, isName, isAnswer),
      })),
    };
  };
  const recall = () => {
    try {
      return clean(JSON.parse(localStorage.getItem(KEY)));
    } catch {
      return clean();
    }
  };
  const store = (memory) => {
    const text = JSON.stringify(memory);
    try {
      if (text.length <= MOST) localStorage.setItem(KEY, text);
    } catch { /* There is no room, or no leave: nothing is remembered. */ }
  };

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const link = (page, id, text) => element("a", { href: `${ROOT}${page}.html#${id}` }, text);
  const state = ({ of, answers }) => Object.keys(of).filter((kind) => of[kind]).map((kind) => {
    const isDone = ([id, [, right]]) => id.startsWith(KINDS[kind]) && (right || kind !== "exercises");
    return `${Object.entries(answers).filter(isDone).length} of ${of[kind]} ${kind}`;
  }).join(", ");

  const readChapter = (article) => {
    const count = (selector) => article.querySelectorAll(selector).length;
    const of = {
      exercises: count("form.answer[data-exercise]"),
      questions: count(".quiz[id]"),
      predictions: count(".predict[id]"),
    };
    const words = (heading) => {
      const copy = heading.cloneNode(true);
      for (const each of copy.querySelectorAll(".headerlink, .katex-mathml")) each.remove();
      return copy.textContent.trim().slice(0, 199);
    };
    /* Change what is stored, as it is now: another tab may have written meanwhile. */
    const change = (act) => {
      const memory = recall();
      if (memory.off) return;
      const answers = memory.chapters[PAGE]?.answers ?? {};
      memory.chapters[PAGE] = { title: words(article.querySelector("h1")), of, answers };
      act(answers, memory);
      store(memory);
    };
    const mark = (id, [given, right]) => {
      const box = document.getElementById(id.startsWith("ch") ? `ex-${id}` : id);
      if (box?.matches(".exercise:not(.answered)") && right) {
        box.classList.add("answered");
        box.firstElementChild.append(element("span", { className: "visually-hidden" }, " (answered)"));
      } else if (box?.matches(".quiz, .predict:not(.number)")) {
        box.querySelectorAll(":scope > details")[given]?.classList.add("chosen");
      }
    };
    Object.entries(recall().chapters[PAGE]?.answers ?? {}).forEach((entry) => mark(...entry));
    addEventListener("answered", ({ detail: { id, given, right } }) => {
      const answer = [given, right];
      // What was said first stays; but an exercise may be answered until it is right.
      change((answers) => {
        if (!answers[id] || (id.startsWith("ch") && right)) answers[id] = answer;
      });
      mark(id, answer);
    });
    addEventListener("visibilitychange", () => {
      const isAbove = ({ firstElementChild }) => firstElementChild.getBoundingClientRect().top < innerHeight / 3;
      const section = [...article.querySelectorAll("section[id] section[id]")].filter(isAbove).pop();
      const heading = section?.querySelector("h2, h3, h4");
      if (!heading || !scrollY || document.visibilityState !== "hidden") return;
      change((_, memory) => {
        memory.last = { page: PAGE, id: section.id, title: words(heading) };
      });
    });
  };

  const article = document.querySelector("article.bd-article");
  if (article && isChapter(PAGE)) readChapter(article);
  return { KEY, pageOf, clean, recall, store, state, element, link };
})();
