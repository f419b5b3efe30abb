/**
 * Trusted Types: where a browser has them, nothing in this app can turn text into HTML but Svelte's own compiled templates, and only addresses made
 * here can be loaded as code. Where it has them not, the same calls pass through.
 */
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown }
}

const policy = (globalThis as { trustedTypes?: Factory }).trustedTypes?.createPolicy('streamchain', {
  createScriptURL(url) {
    const made = new URL(url, location.href)
    if (made.origin !== location.origin || made.protocol === 'blob:') throw new Error(`not a script of this app: ${url}`)
    return made.href
  },
})

/** The address of one of the app's own scripts (service worker, web worker), as browsers that enforce Trusted Types want it. */
export const scriptURL = (path: string): string => (policy ? (policy.createScriptURL(path) as string) : path)
