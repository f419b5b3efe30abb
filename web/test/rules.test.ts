import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (entry.name !== 'paraglide') yield* files(path)
    } else if (/\.(svelte|ts|js|mjs|html)$/.test(entry.name) && !entry.name.endsWith('.test.ts')) yield path
  }
}

/** What strangers wrote must never become HTML or code; the page's policy refuses it too, this says where it would be. */
const forbidden: [what: string, pattern: RegExp][] = [
  ['{@html}', /\{@html\b/],
  ['innerHTML and its like', /\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|setHTMLUnsafe)\b/],
  ['document.write', /document\.write(ln)?\(/],
  ['eval and Function', /\beval\(|\bnew Function\(/],
  ['string timers', /set(Timeout|Interval)\(\s*['"`]/],
  ['javascript: addresses', /javascript:/],
  ['style attributes, which the policy refuses', /<[a-z][^>]*\sstyle="/],
  ['DOMParser of HTML', /text\/html['"]/],
]
const sided = /(?<![-\w])(margin|padding|border)-(left|right)\b|text-align:\s*(left|right)\b|float:\s*(left|right)\b/

/** Names that the app itself gives. */
const own = /\b(stop|request|said|route|wrong|form!?)\.title\b|\.title\(\)/g
/** Where markup takes a title or a validator's name as it is: one of zero-width characters leaves a link, button or heading without a name. */
const nameless = (source: string): string[] =>
  [...source.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '').matchAll(/\{(?![#:/@])(?:[^{}]|\{[^{}]*\})*\}/g)]
    .map(([found]) => found)
    .filter((found) => !/=>|;/.test(found)) // what a button does, not what is shown
    .filter((found) => /\.(title|moniker)\b/.test(found.replace(/\b(named|titled)\([^()]*(\([^()]*\))?[^()]*\)/g, '').replace(own, '')))

describe('every source', () => {
  const sources = [...files(join(root, 'src')), ...files(join(root, 'public')), join(root, 'index.html')]
  it('was found', () => expect(sources.length).toBeGreaterThan(80))
  it.each(forbidden)('has no %s', (_, pattern) => {
    expect(sources.filter((path) => pattern.test(readFileSync(path, 'utf8'))).map((path) => relative(root, path))).toEqual([])
  })
  it('has no inline scripts', () => {
    expect([...readFileSync(join(root, 'index.html'), 'utf8').matchAll(/<script(?![^>]*\bsrc=)/g)]).toEqual([])
  })
  it('writes in both directions', () => {
    expect(sources.filter((path) => path.endsWith('.svelte') && sided.test(readFileSync(path, 'utf8'))).map((path) => relative(root, path))).toEqual([])
  })
  it('never shows a name that strangers gave without one to fall back to', () => {
    expect(sources.filter((path) => path.endsWith('.svelte')).flatMap((path) => nameless(readFileSync(path, 'utf8')).map((found) => `${relative(root, path)}: ${found}`))).toEqual([])
  })
  it('the rules would notice', () => {
    for (const bad of ['<p>{@html title}</p>', 'el.innerHTML = x', 'eval(x)', "setTimeout('x')", '<a href="javascript:x">', '<p style="color:red">']) {
      expect(forbidden.some(([, pattern]) => pattern.test(bad))).toBe(true)
    }
    expect(sided.test('margin-left: 1px')).toBe(true)
    for (const bad of ['<h1><bdi>{it.title}</bdi></h1>', '<a>{work.title || x}</a>', '<b>{v.description.moniker}</b>', '<Card title={plan.title}>', '<svelte:head><title>{`${work.data?.title} · S`}</title></svelte:head>', '<p>{m.x({ title: it.title })}</p>']) expect(nameless(bad)).toHaveLength(1)
    for (const good of ['{workName(work)}', '{named(plan.title)}', '{stop.title}', '{shown.route.title()}', '<script>x = {a: it.title}</script>']) expect(nameless(good)).toEqual([])
  })
})

describe('messages', () => {
  type Messages = Record<string, unknown>
  const read = (locale: string, file: string): Messages => JSON.parse(readFileSync(join(root, 'messages', locale, file), 'utf8')) as Messages
  const areas = readdirSync(join(root, 'messages/en'))
  const inputs = (value: unknown): string[] => [...new Set([...JSON.stringify(value).matchAll(/\{(\w+)\}/g)].map((found) => found[1]!))].sort()

  it.each(areas)('%s says the same things in both languages', (area) => {
    const [en, ar] = [read('en', area), read('ar', area)]
    expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort())
    for (const [key, text] of Object.entries(en)) {
      if (key === '$schema') continue
      expect([key, inputs(ar[key])]).toEqual([key, inputs(text)])
      expect(JSON.stringify(ar[key])).not.toBe('""')
    }
  })
  it('no key is in two areas', () => {
    const all = areas.flatMap((area) => Object.keys(read('en', area)).filter((key) => key !== '$schema'))
    expect(all.filter((key, i) => all.indexOf(key) !== i)).toEqual([])
  })
  it('every area is compiled', () => {
    const settings = readFileSync(join(root, 'project.inlang/settings.json'), 'utf8')
    for (const area of areas) expect(settings).toContain(`{locale}/${area}`)
  })
})

describe('colours', () => {
  const css = readFileSync(join(root, 'src/styles/tokens.css'), 'utf8')
  const block = (from: string): Record<string, string> => {
    const start = css.indexOf(from)
    const text = css.slice(css.indexOf('{', start) + 1, css.indexOf('}', start))
    return Object.fromEntries([...text.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((found) => [found[1]!, found[2]!.trim()]))
  }
  const light = block(':root {')
  const dark = { ...light, ...block(":root[data-theme='dark']") }
  const byMedia = block(":root:not([data-theme='light'])")

  const channel = (value: number): number => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  const luminance = (hex: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => channel(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as [number, number, number]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a: string, b: string): number => {
    const [dim, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
    return (bright + 0.05) / (dim + 0.05)
  }
  const grounds = ['bg', 'surface', 'raised', 'sunken']
  const texts: [text: string, on: string[]][] = [
    ['ink', [...grounds, 'good-bg', 'warn-bg', 'bad-bg']],
    ['ink-2', [...grounds, 'bad-bg']],
    ['ink-3', ['bg', 'surface', 'raised']],
    ['link', grounds],
    ['good', ['good-bg', ...grounds]],
    ['warn', ['warn-bg', ...grounds]],
    ['bad', ['bad-bg', ...grounds]],
    ['on-accent', ['accent', 'accent-press']],
    ['on-brand', ['brand']],
    ['brand-2', ['brand']],
    ['on-bad', ['bad']],
  ]
  for (const [theme, tokens] of [['light', light], ['dark', dark]] as const) {
    for (const [text, on] of texts) {
      it.each(on)(`${theme}: ${text} on %s is AA`, (ground) => expect(contrast(tokens[text]!, tokens[ground]!)).toBeGreaterThanOrEqual(4.5))
    }
    it.each(grounds)(`${theme}: borders of fields and focus on %s are seen`, (ground) => {
      expect(contrast(tokens['line-strong']!, tokens[ground]!)).toBeGreaterThanOrEqual(3)
      expect(contrast(tokens.focus!, tokens[ground]!)).toBeGreaterThanOrEqual(3)
    })
  }
  it('dark by choice is dark by the system', () => expect(block(":root[data-theme='dark']")).toEqual(byMedia))
})
