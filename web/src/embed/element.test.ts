import { expect, test, vi } from 'vitest'
import './element'

const root = `bafyrei${'a'.repeat(52)}`
function player(attributes: Record<string, string>): HTMLElement {
  const element = document.createElement('stream-player')
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  document.body.append(element)
  return element
}
const frame = (element: HTMLElement): HTMLIFrameElement | null => element.shadowRoot!.querySelector('iframe')

test('it frames the embed page of its base', () => {
  const one = frame(player({ work: root, base: 'https://streams.example.org/ignored?x' }))!
  expect(one.src).toBe(`https://streams.example.org/embed/${root}`)
  expect(one.getAttribute('loading') ?? one.loading).toBe('lazy')
})

test.each([
  ['no work', { base: 'https://streams.example.org' }],
  ['a work that is none', { work: `${root}"><script>`, base: 'https://streams.example.org' }],
  ['a path out of the folder', { work: `../${root}`, base: 'https://streams.example.org' }],
  ['a script for a base', { work: root, base: 'javascript:alert(1)' }],
  ['no address for a base', { work: root, base: 'not an address' }],
])('it frames nothing for %s', (_, attributes) => {
  expect(frame(player(attributes))).toBeNull()
})

test('it follows its attributes', () => {
  const element = player({ work: root, base: 'https://a.example.org' })
  element.setAttribute('base', 'https://b.example.org')
  expect(element.shadowRoot!.querySelectorAll('iframe')).toHaveLength(1)
  expect(frame(element)!.src).toContain('https://b.example.org/')
  element.setAttribute('work', 'x')
  expect(frame(element)).toBeNull()
})

test('only its own frame can tell what plays', () => {
  const element = player({ work: root, base: 'https://a.example.org' })
  const heard = vi.fn()
  element.addEventListener('streamplay', heard)
  const say = (origin: string, source: Window | null, data: unknown): boolean => dispatchEvent(new MessageEvent('message', { origin, source, data }))
  say('https://a.example.org', window, { streamchain: 'play' })
  say('https://evil.example.org', frame(element)!.contentWindow, { streamchain: 'play' })
  say('https://a.example.org', frame(element)!.contentWindow, { streamchain: 'steal' })
  expect(heard).not.toHaveBeenCalled()
  say('https://a.example.org', frame(element)!.contentWindow, { streamchain: 'play' })
  expect(heard).toHaveBeenCalledOnce()
})
