import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** What of public/ belongs to the shell. */
const files = ['/icon.svg', '/early.js', '/manifest.webmanifest', '/icons/icon-192.png']

/**
 * Writes dist/sw.js: the service worker with the list of what the first page loads, and a version that changes with any of it.
 * @returns {import('vite').Plugin}
 */
export function serviceWorker() {
  return {
    name: 'streamchain:sw',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const shell = new Set()
        const add = (name) => {
          const chunk = bundle[name]
          if (shell.has(name) || chunk?.type !== 'chunk') return
          shell.add(name)
          for (const css of chunk.viteMetadata?.importedCss ?? []) shell.add(css)
          chunk.imports.forEach(add)
        }
        for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk' && chunk.isEntry && !chunk.fileName.startsWith('embed/')) add(chunk.fileName)
        const names = [...shell].sort()
        const hash = createHash('sha256')
        for (const name of Object.keys(bundle).sort()) hash.update(name)
        for (const path of files) hash.update(readFileSync(new URL(`../public${path}`, import.meta.url)))
        const source = readFileSync(new URL('./sw.js', import.meta.url), 'utf8')
          .replace('__VERSION__', hash.digest('hex').slice(0, 16))
          .replace('__SHELL__', JSON.stringify(['/', ...files, ...names.map((name) => `/${name}`)]))
        this.emitFile({ type: 'asset', fileName: 'sw.js', source })
      },
    },
  }
}
