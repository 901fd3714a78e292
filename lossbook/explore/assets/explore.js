/* Figures that move without a kernel: each control names a position, each position has a frame.
   The markup is written by lossbook/explore/static.py; handles.js comes first. */
(() => {
  "use strict";
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  const PLAY_MILLISECONDS = 6000;

  function start(figure) {
    const picture = figure.querySelector(".explore-picture");
    const svg = figure.querySelector("svg.explore-frame");
    const caption = figure.querySelector("figcaption output");
    const controls = [...figure.querySelectorAll("input, select")];
    let data; // parsed when a control first moves
    let lines;
    let drawn; // the elements of the picture, each with its text
    let held;

    const position = (control) =>
      control.type === "checkbox" ? Number(control.checked) : Number(control.value);

    function place(control, index) {
      if (control.type === "checkbox") control.checked = index === 1;
      else control.value = String(index);
    }

    function load() {
      if (data) return;
      data = JSON.parse(figure.querySelector("script").textContent);
      // The lines of the default position stand in the page, and only there.
      const given = svg.innerHTML.trim().split("\n");
      lines = given.concat(data.lines);
      drawn = elements([0, given.length]).map((text, k) => ({ text, element: svg.children[k] }));
      if (data.handles) takeHandles();
    }

    function takeHandles() {
      const { width, height } = svg.viewBox.baseVal;
      held = exploreHandles(picture, {
        size: [width, height],
        shape: data.shape,
        handles: data.handles.map(({ moves, reach, x, y }) => ({
          moves,
          reach,
          place(at) {
            const place = [lookUp(x, at), lookUp(y, at)];
            return place.includes(null) ? undefined : place.map((tenths) => tenths / 10);
          },
        })),
        position: () => controls.map(position),
        move(to) {
          const changed = controls.filter((control, i) => position(control) !== to[i]);
          controls.forEach((control, i) => place(control, to[i]));
          for (const control of changed) control.dispatchEvent(new Event("input", { bubbles: true }));
        },
        settle({ moves }) {
          for (const i of moves) controls[i].dispatchEvent(new Event("change", { bubbles: true }));
          // From where the hand left it, the keyboard goes on.
          controls[moves[0]].focus({ preventScroll: true, focusVisible: false });
        },
      });
    }

    /* The texts of a frame's elements. A line is one of them, or opens or closes a group. */
    function elements(runs) {
      const texts = [];
      let depth = 0;
      for (let i = 0; i < runs.length; i += 2) {
        for (let k = runs[i], end = k + runs[i + 1]; k < end; k++) {
          if (depth === 0) texts.push("");
          texts[texts.length - 1] += lines[k] + "\n";
          if (lines[k].startsWith("</")) depth--;
          else if (!lines[k].includes("</") && !lines[k].endsWith("/>")) depth++;
        }
      }
      return texts;
    }

    /* What two frames share stays in the page: the browser lays out and paints only what changes. */
    function draw(texts) {
      const wanted = new Set(texts);
      let next = 0;
      const now = texts.map((text) => {
        while (drawn[next] && !wanted.has(drawn[next].text)) drawn[next++].element.remove();
        return drawn[next]?.text === text ? drawn[next++] : { text, before: drawn[next]?.element };
      });
      const fresh = now.filter(({ element }) => !element);
      const holder = svg.cloneNode();
      holder.innerHTML = fresh.map(({ text }) => text).join("");
      for (const each of fresh) {
        each.element = holder.firstElementChild;
        svg.insertBefore(each.element, each.before ?? null);
      }
      for (const { element } of drawn.slice(next)) element.remove();
      drawn = now;
    }

    function show() {
      load();
      let frame = 0;
      controls.forEach((control, i) => {
        const at = position(control);
        frame = frame * data.shape[i] + at;
        if (control.type !== "range") return;
        const label = data.labels[i][at];
        control.setAttribute("aria-valuetext", label);
        control.parentElement.querySelector(".explore-value").textContent = label;
      });
      draw(elements(data.frames[frame]));
      caption.textContent = data.captions[frame];
      held?.show();
    }

    /* However many events there are, the page is laid out once for each frame of the screen. */
    let drawing;
    function showSoon() {
      drawing ??= requestAnimationFrame(() => {
        drawing = undefined;
        show();
      });
    }

    /* The address holds the figure and the labels of its position: #huber-delta?delta=0.5 */
    function address() {
      load();
      const query = new URLSearchParams();
      controls.forEach((control, i) => query.set(control.name, data.labels[i][position(control)]));
      return `#${figure.id}?${query}`;
    }

    function restore(url) {
      const [id, query] = decodeHash(url);
      if (id !== figure.id || query === undefined) return;
      load();
      const wanted = new URLSearchParams(query);
      controls.forEach((control, i) => {
        const text = wanted.get(control.name);
        const index = text === null ? -1 : data.labels[i].findIndex((label) => means(text, label));
        if (index >= 0) place(control, index);
      });
      show();
      // A move of a moment ago may have written its own address before this one was read.
      if (location.href !== url) history.replaceState(history.state, "", url);
      figure.scrollIntoView({ block: "center" });
    }

    function moved() {
      stop();
      showSoon();
    }

    let waiting;
    function settled() {
      // Browsers limit how often the address may change.
      clearTimeout(waiting);
      waiting = setTimeout(() => history.replaceState(history.state, "", address()), 200);
    }

    let timer;
    let pressed;
    function stop() {
      if (!timer) return;
      clearInterval(timer);
      timer = undefined;
      pressed.setAttribute("aria-pressed", "false");
      settled();
    }

    function play(button) {
      const slider = controls.find((control) => control.id === button.dataset.for);
      const last = Number(slider.max);
      const advance = () => {
        place(slider, position(slider) + 1);
        show();
        if (position(slider) === last) stop();
      };
      if (timer) return stop();
      if (position(slider) === last) place(slider, 0);
      if (reducedMotion.matches) {
        advance(); // one position a press: nothing moves on its own
        return settled();
      }
      show();
      pressed = button;
      button.setAttribute("aria-pressed", "true");
      timer = setInterval(advance, Math.min(400, Math.max(60, PLAY_MILLISECONDS / last)));
    }

    for (const control of controls) {
      control.addEventListener("input", moved);
      control.addEventListener("change", settled);
    }
    for (const button of figure.querySelectorAll(".explore-play")) {
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => play(button));
    }
    // A browser may fill in what the reader chose before she reloaded the page.
    if (controls.some((c) => position(c) !== initial(c))) show();
    addEventListener("hashchange", ({ newURL }) => {
      clearTimeout(waiting);
      restore(newURL);
    });
    restore(location.href);
    // Handles must be there before they are touched; the frames are read when the figure is near.
    if (svg.querySelector("[data-handle]")) {
      new IntersectionObserver(
        (seen, observer) => {
          if (!seen.some((entry) => entry.isIntersecting)) return;
          observer.disconnect();
          load();
        },
        { rootMargin: "50%" },
      ).observe(figure);
    }
  }

  /* Shapes are those of NumPy: a 1 stands where a control changes nothing. */
  function lookUp([lengths, values], at) {
    return values[lengths.reduce((index, n, i) => index * n + (n > 1 ? at[i] : 0), 0)];
  }

  function initial(control) {
    if (control.type === "checkbox") return Number(control.defaultChecked);
    if (control.type === "range") return Number(control.defaultValue);
    return [...control.options].findIndex((option) => option.defaultSelected);
  }

  /* Whether a typed text names a label: a hyphen for minus and other spellings of a number do. */
  function means(text, label) {
    const [typed, ours] = [text, label].map((s) => s.trim().replace("\u2212", "-"));
    return typed === ours || (ours !== "" && typed !== "" && Number(typed) === Number(ours));
  }

  function decodeHash(url) {
    let hash = new URL(url).hash.slice(1);
    // Programs that pass links on may have encoded what stands after the figure's id.
    if (/^[^?]*%3f/i.test(hash)) hash = decoded(hash);
    const mark = hash.indexOf("?");
    return mark < 0 ? [hash, undefined] : [hash.slice(0, mark), hash.slice(mark + 1)];
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  /* The element stands at the end of each figure, and starts it whenever it comes into the page. */
  class ExploreStart extends HTMLElement {
    #started = false; // the page may move a figure

    connectedCallback() {
      if (this.#started) return;
      this.#started = true;
      start(this.closest("figure.explore"));
    }
  }

  // Two notebooks on one page may both bring the script.
  if (!customElements.get("explore-start")) customElements.define("explore-start", ExploreStart);
})();
