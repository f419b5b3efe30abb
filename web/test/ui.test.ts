import { createRawSnippet, flushSync, mount, tick, unmount, type Component } from 'svelte'
import { afterEach, describe, expect, it } from 'vitest'
import PartsBar from '../src/ui/PartsBar.svelte'
import Price from '../src/ui/Price.svelte'
import Tabs from '../src/ui/Tabs.svelte'
import WorkCard from '../src/ui/WorkCard.svelte'
import ErrorState from '../src/ui/ErrorState.svelte'
import Copy from '../src/ui/Copy.svelte'
import Checkout from '../src/pages/work/Checkout.svelte'
import type { Work } from '../src/lib/work'

let mounted: Record<string, unknown>[] = []
function show(component: unknown, props: Record<string, unknown>): HTMLElement {
  const target = document.body.appendChild(document.createElement('div'))
  mounted.push(mount(component as Component<Record<string, unknown>>, { target, props }))
  flushSync()
  return target
}
afterEach(() => {
  for (const one of mounted) void unmount(one)
  mounted = []
})
const text = (element: Element): string => (element.textContent ?? '').replace(/\s+/g, ' ').trim()

const HOSTILE = '<img src=x onerror=alert(1)>'
const work: Work = {
  root: 'bafyreia',
  head: 'bafyreia',
  kind: 'video',
  title: HOSTILE,
  creator: { id: 'streamcreator1"><script>', handle: HOSTILE, level: 1 },
  published_at: 0,
  duration_seconds: 187,
  status: 'active',
  encrypted: false,
  tags: [],
  offers: [{ kind: 'purchase', price: { denom: 'ustream', amount: '1500000' } }],
}

describe('a work’s card', () => {
  it('shows strangers’ words as words', () => {
    const shown = show(WorkCard, { work, reason: HOSTILE })
    expect(shown.querySelector('img, script')).toBeNull()
    expect(text(shown.querySelector('h3')!)).toBe(HOSTILE)
    expect(shown.querySelector('.creator')!.getAttribute('href')).toBe('/creator/streamcreator1%22%3E%3Cscript%3E')
    expect(text(shown)).toContain('1.5 STREAM, yours to keep')
    expect(text(shown)).toContain('3:07')
  })
  it('has a link with a name where the title is nothing that one sees', () => {
    for (const title of ['', ' \t', '\u200b\u200d\u2060\ufeff', '\u202e\u2066\u2069', '\u0000\u001b', '\u00ad\u034f\u3164\u115f\ufe0f', '\u2800\u00a0\u3000', '\u{e0041}\u{e007f}']) {
      const link = show(WorkCard, { work: { ...work, title, language: 'ar' } }).querySelector('h3 a')!
      expect(text(link)).toBe('Untitled work')
      expect(link.hasAttribute('lang')).toBe(false)
    }
    for (const title of ['a', '\u200b.', '❤️', '٠', '\u202eabc']) expect(show(WorkCard, { work: { ...work, title } }).querySelector('h3 bdi')!.textContent).toBe(title)
  })
  it('takes a cover only from the web', () => {
    const cover = 'bafkreic54s2pqzrqi6afuc63suuczpxy7occx2t274ab5jblsohhrpf3eq'
    expect(show(WorkCard, { work: { ...work, cover, cover_url: 'javascript:alert(1)' } }).querySelector('img')).toBeNull()
    expect(show(WorkCard, { work: { ...work, cover, cover_url: `https://node.example/ipfs/${cover}` } }).querySelector('img')!.src).toBe(`https://node.example/ipfs/${cover}`)
  })
})

describe('who got what', () => {
  it('is told to who cannot see the bar, and listed', () => {
    const shown = show(PartsBar, { parts: { creator: '9000000', burn: '1000000' } })
    expect(shown.querySelector('[role=img]')!.getAttribute('aria-label')).toBe('Who got what: Creator 90%, Burned 10%')
    expect([...shown.querySelectorAll('dd')].map(text)).toEqual(['90% 9 STREAM', '10% 1 STREAM'])
  })
  it('is nothing where nothing was paid', () => expect(text(show(PartsBar, { parts: {} }))).toBe(''))
})

it('a price names the easiest way and counts the others', () => {
  expect(text(show(Price, { offers: [{ kind: 'free' }, { kind: 'purchase', price: { denom: 'ustream', amount: '1' } }] }))).toBe('Free +1 more')
})

describe('tabs', () => {
  it('go round by arrow keys, with one stop for the tab key', async () => {
    const panel = createRawSnippet<[string]>((key) => ({ render: () => `<p>${key()}</p>` }))
    const shown = show(Tabs, { tabs: [{ key: 'a', label: 'A' }, { key: 'b', label: 'B' }], value: 'a', label: 'Tabs', panel })
    const all = (): HTMLElement[] => [...shown.querySelectorAll<HTMLElement>('[role=tab]')]
    expect(all().map((tab) => tab.tabIndex)).toEqual([0, -1])
    all()[0]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }))
    await tick()
    expect(all().map((tab) => tab.getAttribute('aria-selected'))).toEqual(['false', 'true'])
    expect(document.activeElement).toBe(all()[1])
    expect(shown.querySelector('[role=tabpanel]')!.getAttribute('aria-labelledby')).toBe(all()[1]!.id)
  })
})

it('an error says what to do, and does it', () => {
  let tried = 0
  const shown = show(ErrorState, { error: new TypeError('Failed to fetch'), retry: () => tried++ })
  expect(shown.querySelector('[role=alert]')).not.toBeNull()
  expect(text(shown)).toContain('Try again in a moment')
  shown.querySelector('button')!.click()
  expect(tried).toBe(1)
})

it('an address is copied whole though it is shown short', () => {
  const shown = show(Copy, { text: 'stream1vj9muen6fau94kkkvfy6jjsqpjmkftlkt3sxxd', label: 'address' })
  expect(text(shown)).toBe('stream1vj9mu…t3sxxd')
  expect(shown.querySelector('button')!.getAttribute('aria-label')).toBe('Copy address: stream1vj9muen6fau94kkkvfy6jjsqpjmkftlkt3sxxd')
})

it('plans and passes can be given, and a pass that is a gift is not renewed', async () => {
  HTMLDialogElement.prototype.showModal = () => undefined // jsdom has none
  const price = { denom: 'ustream', amount: '10000000' }
  for (const [kind, renewable] of [['plan', true], ['pass', false]] as const) {
    const way = { kind, price, seconds: 86400, [kind]: `${kind}-1` }
    const shown = show(Checkout, { open: true, item: 'bafyreia', title: 'All', way })
    const boxes = (): string[] => [...shown.querySelectorAll('label.check')].map((label) => text(label.querySelector('strong') ?? label))
    expect(boxes()).toEqual(['Renew by itself', 'It is a gift for somebody else'])
    shown.querySelectorAll<HTMLInputElement>('label.check input')[1]!.click()
    await tick()
    expect(boxes()).toEqual(renewable ? ['Renew by itself', 'It is a gift for somebody else'] : ['It is a gift for somebody else'])
    expect(shown.querySelector('input[placeholder="stream1…"]')).not.toBeNull()
  }
})
