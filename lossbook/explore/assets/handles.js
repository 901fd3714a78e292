/* Taking hold of the picture: which position has its handle nearest to the pointer. Both fronts use
   this, each with its own way of knowing the places (lossbook/explore/handles.py).

   picture: the element that holds the svg, and is not replaced when the svg is
   size: width and height of the svg, in its own units
   shape: how many positions each control has
   handles: of each, the controls that it `moves`, how far it reaches from its place, and
     `place(at)`: where it lies at a position, or undefined
   position(): where the controls are; move(to, handle): bring them elsewhere
   take(handle), settle(handle): a drag begins, and ends */
"use strict";

function exploreHandles(
  picture,
  { size, shape, handles, position, move, take = () => {}, settle = () => {} },
) {
  const TAP = 22; // how far beside its track a tap may be, in pixels of the page
  const svg = () => picture.querySelector("svg");

  /* All positions that the handle's own controls can reach. */
  function reachable({ moves }) {
    let all = [position()];
    for (const i of moves) {
      all = all.flatMap((at) => Array.from({ length: shape[i] }, (_, k) => Object.assign([...at], { [i]: k })));
    }
    return all;
  }

  /* The handle's position nearest to a point; of two alike, the one fewer steps away. */
  function nearest(handle, [x, y]) {
    const now = position();
    let best;
    for (const at of reachable(handle)) {
      const place = handle.place(at);
      if (!place) continue;
      const away = [Math.abs(x - place[0]), Math.abs(y - place[1])];
      const found = {
        at,
        distance: Math.hypot(...away),
        // A line may be met anywhere along it.
        beside: Math.hypot(...away.map((d, k) => Math.max(0, d - handle.reach[k]))),
        steps: handle.moves.reduce((sum, i) => sum + Math.abs(at[i] - now[i]), 0),
      };
      if (
        !best ||
        found.distance < best.distance ||
        (found.distance === best.distance && found.steps < best.steps)
      ) {
        best = found;
      }
    }
    return best;
  }

  /* A pointer's place in the units of the picture, and the length of one of them. */
  function pointAt(event) {
    const box = svg().getBoundingClientRect();
    const scale = box.width / size[0];
    return [[(event.clientX - box.left) / scale, (event.clientY - box.top) / scale], scale];
  }

  const grips = handles.map((handle) => {
    const grip = document.createElement("span");
    grip.className = "explore-grip";
    grip.setAttribute("aria-hidden", "true"); // the control says it all
    ["width", "height"].forEach((side, k) => {
      grip.style[side] = `max(2.75rem, ${(200 * handle.reach[k]) / size[k]}%)`;
    });
    picture.append(grip);
    return grip;
  });

  function show() {
    handles.forEach((handle, k) => {
      const place = handle.place(position());
      grips[k].hidden = !place;
      if (!place) return;
      grips[k].style.left = `${(100 * place[0]) / size[0]}%`;
      grips[k].style.top = `${(100 * place[1]) / size[1]}%`;
    });
  }

  /* Bring a handle as near to the pointer as it goes; return whether that is a move. */
  function go(handle, event) {
    const found = nearest(handle, pointAt(event)[0]);
    const now = position();
    if (!found || found.at.every((index, i) => index === now[i])) return false;
    move(found.at, handle);
    return true;
  }

  /* Where the targets of several overlap, the handle that lies nearest. */
  function handleUnder(event) {
    const [[x, y]] = pointAt(event);
    return least((handle, k) => {
      const place = handle.place(position());
      return place && contains(grips[k], event) ? Math.hypot(x - place[0], y - place[1]) : Infinity;
    });
  }

  function trackUnder(event) {
    const [point, scale] = pointAt(event);
    return least((handle) => {
      const beside = (nearest(handle, point)?.beside ?? Infinity) * scale;
      return beside > TAP ? Infinity : beside;
    });
  }

  /* The handle for which a measure is lowest, if it is finite for any. */
  function least(measure) {
    const found = handles.map(measure);
    const lowest = Math.min(...found);
    return lowest < Infinity ? handles[found.indexOf(lowest)] : undefined;
  }

  function contains(element, { clientX, clientY }) {
    const box = element.getBoundingClientRect();
    return (
      !element.hidden &&
      clientX >= box.left &&
      clientX <= box.right &&
      clientY >= box.top &&
      clientY <= box.bottom
    );
  }

  let held; // the handle in the reader's hand, with the pointer that has it
  let dragged; // whether the pointer came down on a handle and then moved
  picture.addEventListener("pointerdown", (event) => {
    if (held || event.button !== 0) return;
    dragged = false;
    const handle = event.target.closest(".explore-grip") && handleUnder(event);
    if (!handle) return;
    held = { handle, pointer: event.pointerId };
    // The picture is redrawn while it is dragged; the pointer stays with what is not.
    picture.setPointerCapture(event.pointerId);
    picture.classList.add("explore-held");
    take(handle);
  });
  picture.addEventListener("pointermove", (event) => {
    if (held?.pointer !== event.pointerId) return;
    dragged = true;
    held.event = event;
    go(held.handle, event);
  });
  picture.addEventListener("lostpointercapture", (event) => {
    if (held?.pointer !== event.pointerId) return;
    const { handle } = held;
    held = undefined;
    picture.classList.remove("explore-held");
    if (dragged) settle(handle);
  });
  /* A tap beside a handle, on its track, brings it there. */
  picture.addEventListener("click", (event) => {
    if (dragged) return; // a click ends each drag with the mouse
    const handle = trackUnder(event);
    if (handle && go(handle, event)) settle(handle);
  });

  /* More places are known than when the pointer last moved. */
  function follow() {
    if (held?.event) go(held.handle, held.event);
  }

  show();
  return { show, follow };
}
