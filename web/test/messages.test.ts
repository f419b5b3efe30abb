import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'svelte/compiler'
import { expect, test } from 'vitest'

const web = join(import.meta.dirname, '..')
const read = (locale: string, area: string): Record<string, string> => JSON.parse(readFileSync(join(web, 'messages', locale, area), 'utf8')) as Record<string, string>
const areas = readdirSync(join(web, 'messages/en'))
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((hole) => hole[1]!).sort()

test('both languages have the same areas', () => {
  expect(readdirSync(join(web, 'messages/ar'))).toEqual(areas)
})

test.each(areas)('%s: both languages say the same things', (area) => {
  const en = read('en', area)
  const ar = read('ar', area)
  expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort())
  for (const [key, text] of Object.entries(en)) {
    if (key === '$schema') continue
    const other = ar[key]!
    expect(typeof other, `${key} is text`).toBe(typeof text)
    if (typeof text !== 'string') continue
    expect(other.trim(), `${key} is said in Arabic`).not.toBe('')
    expect(holes(other), `${key} has the same holes`).toEqual(holes(text))
    // names of things (STREAM, CSV) are the same everywhere; sentences are not
    if (/[a-z]{3,} [a-z]{3,}/.test(text)) expect(other, `${key} is translated`).toMatch(/\p{Script=Arabic}/u)
  }
})

test('no key is in two areas, or the later one would win', () => {
  const keys = areas.flatMap((area) => Object.keys(read('en', area)).filter((key) => key !== '$schema'))
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
})

interface Node {
  type?: string
  [field: string]: unknown
}
/** Attributes that people read or hear. */
const heard = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'text', 'hint', 'aria-description'])
/** What is the same in every language: names, units, shapes of ids. */
const nameless = /^(StreamChain|STREAM|Keplr|CSV|RSS|CID|English|stream1…|streamcreator1…|bafy\w*…|bafk…|https?:\/\/\S*|ustream|HLS|IPFS|GiB|AAC|#|P2P)$/

function literals(node: unknown, found: string[], quiet = false): string[] {
  if (Array.isArray(node)) {
    for (const item of node) literals(item, found, quiet)
    return found
  }
  if (typeof node !== 'object' || node === null) return found
  const n = node as Node
  if (n.type === 'Text' && !quiet) found.push(String(n.data).trim())
  if (n.type === 'Attribute') {
    const value = n.value
    if (heard.has(String(n.name)) && Array.isArray(value)) for (const part of value as Node[]) if (part.type === 'Text') found.push(String(part.data).trim())
    return literals(value, found, true)
  }
  // styles, and what is written in another language on purpose
  if (n.type === 'StyleSheet' || n.type === 'Script' || n.type?.endsWith('Directive')) return found
  for (const [key, child] of Object.entries(n)) if (key !== 'parent' && typeof child === 'object') literals(child, found, quiet)
  return found
}

const templates = (readdirSync(join(web, 'src'), { recursive: true }) as string[]).filter((file) => file.endsWith('.svelte'))
test.each(templates)('%s says nothing that is not in the messages', (file) => {
  const { fragment } = parse(readFileSync(join(web, 'src', file), 'utf8'), { modern: true })
  const texts = literals(fragment, []).filter((text) => /\p{L}{2,}/u.test(text) && !nameless.test(text.replace(/^[·:\s]+|[·:\s]+$/g, '')))
  expect(texts).toEqual([])
})

test('the check sees a literal text', () => {
  const { fragment } = parse('<p title="Hello there">Some words {m.x()}</p>', { modern: true })
  expect(literals(fragment, []).filter((text) => /\p{L}{2,}/u.test(text))).toEqual(['Hello there', 'Some words'])
})
