/* The service worker: the app's own code, so that it opens at once and without a network. Built with the app: VERSION and SHELL are put in then.
 * What a server says (/api, /rss, /oembed), what nodes serve and what wallets sign is never kept here: old truth is no truth. */
const VERSION = '__VERSION__'
const SHELL = __SHELL__
const CACHE = `app-${VERSION}`
const PAGE = '/'

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.map((path) => new Request(path, { cache: 'reload' })))))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith('app-') && name !== CACHE) await caches.delete(name)
      await self.clients.claim()
    })(),
  )
})

// The new version waits until the person says so: code must not change under a page that is paying.
self.addEventListener('message', (event) => {
  if (event.data === 'use-new-version') void self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || /^\/(api|rss|oembed|embed)(\/|$)/.test(url.pathname)) return
  if (request.mode === 'navigate') {
    event.respondWith(page(request))
    return
  }
  // named by their content: what is kept is what is wanted
  if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request))
  else if (SHELL.includes(url.pathname)) event.respondWith(fetch(request).catch(() => kept(url.pathname)))
})

const kept = async (path) => (await caches.match(path)) ?? Response.error()

/** The page comes from the network, so that a new version is seen; without one, the one that is kept opens and says that there is no network. */
async function page(request) {
  try {
    const answer = await fetch(request)
    if (answer.status < 500) return answer
    return (await caches.match(PAGE)) ?? answer
  } catch {
    return kept(PAGE)
  }
}

async function asset(request) {
  const had = await caches.match(request)
  if (had) return had
  const answer = await fetch(request)
  if (answer.ok) {
    const cache = await caches.open(CACHE)
    await cache.put(request, answer.clone())
  }
  return answer
}
