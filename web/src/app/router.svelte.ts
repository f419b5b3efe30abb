import type { Component } from 'svelte'

/** Where a page belongs in the navigation. */
export type Area = 'discover' | 'library' | 'studio' | 'community' | 'network' | 'wallet' | 'settings'

/** A page gets the decoded parts of its path and the query; it is mounted anew when the path changes. */
export interface PageProps {
  params: Record<string, string>
  query: URLSearchParams
}

/** A route's page is loaded when it is first gone to. `path` has names as `:name`; `*` at the end takes the rest. */
export interface Route {
  path: string
  area: Area
  title: () => string
  load: () => Promise<{ default: Component<any> }>
}

interface Compiled extends Route {
  match: RegExp
  names: string[]
}

function compile(route: Route): Compiled {
  const names: string[] = []
  const source = route.path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:(\w+)|\*/g, (_, name: string | undefined) => {
    names.push(name ?? 'rest')
    return name === undefined ? '(.*)' : '([^/]+)'
  })
  return { ...route, names, match: new RegExp(`^${source}/?$`) }
}

/** Splits a path by the first route that fits; undefined where none does or a part is not valid percent-encoding. */
export function match(routes: Route[], pathname: string): { route: Route; params: Record<string, string> } | undefined {
  for (const route of routes.map(compile)) {
    const found = route.match.exec(pathname)
    if (!found) continue
    try {
      const params = Object.fromEntries(route.names.map((name, i) => [name, decodeURIComponent(found[i + 1] ?? '')]))
      return { route, params }
    } catch {
      return undefined
    }
  }
  return undefined
}

/** Paths that the server answers itself: a link to one leaves the app. */
const SERVED = /^\/(api|rss|oembed|embed|assets)(\/|$)|\.[a-z0-9]+$/i

class Here {
  url = $state.raw(new URL(location.href))
  /** Grows with every move, so that the same address can be loaded again. */
  turn = $state(0)
}
export const here = new Here()

/** Goes to a path of this app, remembering where the page was scrolled to. */
export function navigate(to: string, options: { replace?: boolean; keepScroll?: boolean } = {}): void {
  const url = new URL(to, location.href)
  if (url.origin !== location.origin || SERVED.test(url.pathname)) {
    location.assign(url)
    return
  }
  if (options.replace) history.replaceState({ y: options.keepScroll ? scrollY : 0 }, '', url)
  else {
    history.replaceState({ ...history.state, y: scrollY }, '')
    history.pushState({ y: options.keepScroll ? scrollY : 0 }, '', url)
  }
  arrive(url)
}

/** Changes query parameters in place: for filters and tabs, which are no new page. Empty values go. */
export function setQuery(values: Record<string, string | undefined>): void {
  const url = new URL(location.href)
  for (const [key, value] of Object.entries(values)) value ? url.searchParams.set(key, value) : url.searchParams.delete(key)
  history.replaceState(history.state, '', url)
  here.url = url
}

function arrive(url: URL): void {
  here.url = url
  here.turn++
}

/** Whether a click is an ordinary one on a link into this app. */
function ours(event: MouseEvent): HTMLAnchorElement | undefined {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element | null)?.closest?.('a')
  if (!(link instanceof HTMLAnchorElement) || !link.href || link.target || link.hasAttribute('download')) return
  const url = new URL(link.href)
  if (url.origin !== location.origin || SERVED.test(url.pathname)) return
  if (url.pathname === location.pathname && url.search === location.search && url.hash) return
  return link
}

/** Starts following links and the browser's own buttons. */
export function startRouter(): void {
  history.scrollRestoration = 'manual'
  document.addEventListener('click', (event) => {
    const link = ours(event)
    if (!link) return
    event.preventDefault()
    navigate(link.href)
  })
  addEventListener('popstate', () => arrive(new URL(location.href)))
}
