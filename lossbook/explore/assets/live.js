/* The picture of a live figure (lossbook/explore/picture.py); handles.js stands before it.
   A position whose frame the browser has shows at once; for others the kernel sends one. */
export default () => {
  const frames = new Map(); // by position, also those without a picture: their handles' places
  const MOST_FRAMES = 600;
  let controls = [];
  let lost = false; // whether a frame had to go

  function keep(frame) {
    if (!frame.at || frame.error) return;
    if (frames.size >= MOST_FRAMES) {
      lost = true;
      frames.delete(frames.keys().next().value);
    }
    frames.set(String(frame.at), { ...frames.get(String(frame.at)), ...frame });
  }

  /* The place of a value in the list of a control: floats carry noise. */
  function indexOf(values, value) {
    const away = values.map((other) => Math.abs(Number(other) - Number(value)));
    return away.indexOf(Math.min(...away));
  }

  const positionOf = (model) =>
    model.get("traits_of_controls").map(([trait, values], i) => {
      const at = controls[i].get(trait);
      return values ? indexOf(values, at) : at;
    });

  /* Leave the keyboard to the control that the reader moves, which Jupyter does not always do. */
  function keepKeyboard(figure, signal) {
    let leaving = false; // whether what the reader did last may lead elsewhere
    const always = { capture: true, signal };
    addEventListener("pointerdown", ({ target }) => { leaving = !figure.contains(target); }, always);
    addEventListener("keydown", (event) => {
      const moves = /^(Arrow|Page|Home$|End$)/.test(event.key);
      leaving = !moves;
      if (!figure.contains(event.target)) return;
      // Jupyter Notebook would go to another cell by the arrow keys, as it does in its own text.
      const mine = moves && !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
      event.target.toggleAttribute("data-lm-suppress-shortcuts", mine);
    }, always);
    // Some ten seconds after *Run All*, JupyterLab gives the focus back to the cell.
    figure.addEventListener("focusout", ({ target, relatedTarget }) => {
      if (!leaving && relatedTarget?.contains(figure)) target.focus({ preventScroll: true });
    }, { signal });
  }

  async function initialize({ model }) {
    controls = await Promise.all(
      model.get("controls").map((id) => model.widget_manager.get_model(id.replace("IPY_MODEL_", ""))),
    );
    keep(model.get("frame"));
    model.on("change:frame", () => keep(model.get("frame")));
    model.on("msg:custom", ({ pushed }) => pushed && keep(pushed));
    model.send({ has: model.get("frame").at });
  }

  function render({ model, el }) {
    el.classList.add("explore-live");
    const caption = document.createElement("p");
    caption.setAttribute("role", "status");
    const position = () => positionOf(model);
    let picture; // made anew when other handles come
    let holder;
    let held;
    let names;

    function move(to) {
      model.get("traits_of_controls").forEach(([trait, values], i) => {
        if (to[i] === position()[i]) return;
        controls[i].set(trait, values ? values[to[i]] : to[i]);
        controls[i].save_changes();
      });
    }

    function takeHandles(grips) {
      const found = grips.map((grip) => String(grip.names)).join(" ");
      if (picture && found === names) return;
      names = found;
      const fresh = document.createElement("div");
      fresh.className = "explore-picture";
      if (holder) fresh.append(holder);
      else fresh.innerHTML = "<div></div>";
      holder = fresh.firstChild;
      if (picture) picture.replaceWith(fresh);
      else el.prepend(fresh);
      picture = fresh;
      held = undefined;
      if (!grips.length) return;
      const { width, height } = holder.querySelector("svg").viewBox.baseVal;
      const parameters = model.get("parameters");
      // Frames may have more handles or fewer: each is known by its names, and its number among them.
      const sames = (all, i) => all.slice(0, i).filter((g) => g.names + "" === all[i].names + "");
      const placeOf = (all, number) => (at) => {
        const there = frames.get(String(at))?.grips.filter(
          (grip) => String(grip.names) === String(all[number].names),
        );
        return there?.[sames(all, number).length]?.place.map((tenths) => tenths / 10);
      };
      held = exploreHandles(picture, {
        size: [width, height],
        shape: model.get("shape"),
        handles: grips.map((grip, number) => ({
          moves: grip.names.map((name) => parameters.indexOf(name)).filter((i) => i >= 0),
          reach: Math.min(...grip.reach) > 30 ? [0, 0] : grip.reach,
          place: placeOf(grips, number),
        })),
        position,
        move,
        // The kernel draws where the handle can lead.
        take: ({ moves }) => model.send({ held: moves }),
        settle: () => model.send({ held: [] }),
      });
    }

    function draw(frame) {
      if (frame.error) {
        takeHandles([]);
        const text = document.createElement("pre");
        text.setAttribute("role", "alert");
        text.textContent = frame.error;
        holder.replaceChildren(text);
        caption.textContent = "";
        return;
      }
      if (!holder) takeHandles([]);
      holder.innerHTML = frame.svg;
      const svg = holder.firstChild;
      svg.classList.add("explore-frame");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `${model.get("label")}: ${frame.caption}`);
      caption.textContent = frame.caption;
      takeHandles(frame.grips);
      held?.show();
    }

    let shown;
    function show() {
      const latest = model.get("frame");
      const here = frames.get(String(position()));
      const frame = model.get("keeps_frames") && here?.svg ? here : latest;
      // One that the kernel still has to draw comes by itself.
      if (frame === shown || (frame === latest && moving && !frame.error)) return;
      shown = frame;
      draw(frame);
    }
    let moving = false;
    const onControl = () => {
      moving = true;
      show();
      if (lost && !frames.get(String(position()))?.svg) model.send({ has: model.get("frame").at });
    };
    const onFrame = () => {
      moving = false;
      show();
    };
    const onPushed = () => {
      show();
      held?.follow(); // a drag goes on to what has come
    };
    el.append(caption);
    show();
    model.on("change:frame", onFrame);
    model.on("msg:custom", onPushed);
    const traits = model.get("traits_of_controls").map(([trait]) => `change:${trait}`);
    controls.forEach((control, i) => control.on(traits[i], onControl));

    /* Whoever comes near may move something soon. */
    const gone = new AbortController();
    const near = new IntersectionObserver(() => {
      const figure = el.closest(".widget-vbox");
      if (!figure) return;
      near.disconnect();
      keepKeyboard(figure, gone.signal);
      for (const type of ["pointerenter", "focusin"]) {
        figure.addEventListener(type, () => model.send({ near: true }), { once: true });
      }
    });
    near.observe(el);

    return () => {
      gone.abort();
      near.disconnect();
      model.off("change:frame", onFrame);
      model.off("msg:custom", onPushed);
      controls.forEach((control, i) => control.off(traits[i], onControl));
    };
  }

  return { initialize, render };
};
