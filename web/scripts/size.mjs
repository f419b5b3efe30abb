// What a first visit loads before wallet and player: index.html, early.js, the entry, the home page, and all that these import at once. Fails beyond 120 KB gzip.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT = 120 * 1024
const dist = new URL(`${process.argv[2] ?? '../dist'}/`, import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('manifest.build.json', dist), 'utf8'))

const files = new Set(['index.html', 'early.js', 'icon.svg'])
const visit = (key) => {
  const chunk = manifest[key]
  if (!chunk || files.has(chunk.file)) return
  files.add(chunk.file)
  for (const style of chunk.css ?? []) files.add(style)
  for (const imported of chunk.imports ?? []) visit(imported)
}
visit('index.html')
visit('src/pages/Home.svelte')

let total = 0
for (const file of files) {
  const size = gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length
  total += size
  console.log(`${String(size).padStart(7)}  ${file}`)
}
console.log(`${String(total).padStart(7)}  first load, gzip; limit ${LIMIT}`)
for (const heavy of ['hls', 'Host', 'play-', 'wallet', 'chain']) {
  const found = [...files].find((file) => file.includes(`/${heavy}`))
  if (found) {
    console.error(`${found} must not be in the first load`)
    process.exit(1)
  }
}
if (total > LIMIT) {
  console.error(`The first load is ${total - LIMIT} bytes too large: import what is heavy lazily.`)
  process.exit(1)
}
