/* Make one document of all pages of the book: title, contents, chapters, solutions.
   Runs in the built site, served; tools/print_book.py calls it. */
async ({ title, pages, numbers }) => {
  const PAGE = /^(?:\.\/)?([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/;
  const slug = (path) => path.replace(/\.html$/, "").replace(/\W+/g, "-");
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  /* A page's ids are unique in the page only: each gets the page's name in front. */
  function renameIds(article, page) {
    const own = (id) => `${slug(page)}--${id}`;
    for (const element of article.querySelectorAll("*")) {
      if (element.id) element.id = own(element.id);
      for (const name of ["for", "aria-labelledby", "aria-describedby"]) {
        const ids = element.getAttribute(name);
        if (ids) element.setAttribute(name, ids.split(/\s+/).map(own).join(" "));
      }
      for (const { name, value } of [...element.attributes]) {
        if (value.includes("url(#")) {
          element.setAttribute(name, value.replace(/url\(#/g, `url(#${own("")}`));
        }
      }
      if (element.tagName === "use") element.setAttribute("href", "#" + own(element.getAttribute("href").slice(1)));
    }
  }

  /* Links to pages of the book lead to where these stand in the document. */
  function redirectLinks(article, base) {
    for (const link of article.querySelectorAll("a[href]")) {
      const url = new URL(link.getAttribute("href"), base);
      if (url.origin !== location.origin) continue;
      const page = url.pathname.slice(1) || "index.html";
      const anchor = decodeURIComponent(url.hash.slice(1)).split("?")[0];
      if (pages.includes(page)) link.href = `#${slug(page)}${anchor && `--${anchor}`}`;
      else link.replaceWith(...link.childNodes);
    }
    for (const image of article.querySelectorAll("img[src]")) {
      image.src = new URL(image.getAttribute("src"), base).href;
      image.loading = "eager";
    }
  }

  const contents = make("ol", { className: "contents" });
  const body = [];
  const solutions = make("section", { id: "solutions" }, make("h1", {}, "Solutions"));
  for (const page of pages) {
    const base = new URL(`/${page}`, location.href);
    const text = await (await fetch(base)).text();
    const article = new DOMParser().parseFromString(text, "text/html").querySelector("article");
    const heading = article.querySelector("h1");
    article.querySelectorAll("a.headerlink, script, .explore-controls").forEach((e) => e.remove());
    renameIds(article, page);
    redirectLinks(article, base);
    const name = heading.textContent.replace(/\s+/g, " ").trim();
    article.id = slug(page);
    article.className = "bd-article printed";

    // Whoever reads on paper cannot ask for a solution: they stand at the end of the book.
    const here = make("section", {}, make("h2", {}, name));
    for (const quiz of article.querySelectorAll(".quiz")) {
      const answered = quiz.cloneNode(true);
      answered.querySelectorAll("[id]").forEach((e) => e.removeAttribute("id"));
      for (const option of answered.querySelectorAll("details")) {
        option.open = true;
        const isRight = option.lastElementChild.textContent.trim().startsWith("Right.");
        option.classList.add(isRight ? "right" : "wrong"); // as answers.js does
      }
      here.append(answered);
    }
    here.append(...article.querySelectorAll("details.solution"));
    here.querySelectorAll("details").forEach((e) => { e.open = true; });
    if (here.children.length > 1) solutions.append(here);
    for (const details of article.querySelectorAll("details")) {
      if (!details.closest(".quiz")) details.open = true;
    }
    article.querySelectorAll("details.hide > summary").forEach((e) => e.remove());

    const entryFor = (title, id) => {
      title.id = `${id}--heading`;
      return make("li", {}, make("a", { href: `#${title.id}` }, title.textContent.trim()));
    };
    const entry = entryFor(heading, article.id);
    const deeper = make("ol");
    for (const h2 of article.querySelectorAll("h2")) {
      const at = h2.closest("section[id]");
      if (at) deeper.append(entryFor(h2, at.id));
    }
    if (deeper.children.length) entry.append(deeper);
    contents.append(entry);
    body.push(article);
  }
  if (solutions.querySelector("section")) {
    contents.append(make("li", {}, make("a", { href: "#solutions" }, "Solutions")));
    body.push(solutions);
  }
  for (const link of contents.querySelectorAll("a")) {
    const number = numbers[link.getAttribute("href").slice(1)] ?? "";
    link.after(make("span", { className: "dots" }), make("span", { className: "number" }, String(number)));
  }

  document.title = title;
  document.querySelectorAll("body > *").forEach((e) => e.remove());
  document.body.append(
    make("header", { className: "title-page" }, make("p", { className: "title" }, title)),
    make("nav", { className: "contents-page" }, make("h1", {}, "Contents"), contents),
    make("main", {}, ...body),
  );
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));

  // The headings as text, each formula once.
  return [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((heading) => {
    const copy = heading.cloneNode(true);
    copy.querySelectorAll(".katex-html, annotation").forEach((e) => e.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  });
}
