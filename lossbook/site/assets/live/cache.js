/* Keeps what the Python of the pages is made of: downloaded once, and there without a network.

   A service worker whose scope is this folder. It sees the workers that run Python, and no page. The
   files of one build lie in a folder that is named by their content, so that what is kept is right. */
const NAME = `python of ${self.registration.scope}`;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(self.registration.scope)) {
    event.respondWith(answer(event.request));
  }
});

async function answer(request) {
  const kept = await caches.open(NAME);
  const found = await kept.match(request.url);
  if (found) return found;
  const response = await fetch(request);
  if (response.status === 200) {
    const copy = response.clone();
    // Not waited for: a full disk is no reason to do without.
    keep(kept, request.url, copy).catch(() => {});
  }
  return response;
}

async function keep(kept, url, response) {
  await kept.put(url, response);
  const build = url.slice(0, url.lastIndexOf("/") + 1);
  for (const { url: other } of await kept.keys()) {
    if (!other.startsWith(build)) await kept.delete(other);
  }
}
