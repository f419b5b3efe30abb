import { describe, expect, it, vi } from 'vitest'
import { match, type Route } from '../src/app/router.svelte'
import { art, PALETTES } from '../src/lib/art'
import { Cancelled, explain, isCancelled } from '../src/lib/errors'
import { Pages, Resource } from '../src/lib/resource.svelte'
import { isRecord, stored } from '../src/lib/store'
import { collectionPath, creatorPath, workPath } from '../src/lib/work'
import { questions } from '../src/pages/wallet/quiz'
import { passwordProblem } from '../src/wallet/password'

const route = (path: string): Route => ({ path, area: 'discover', title: () => path, load: () => Promise.reject(new Error('not loaded')) })

describe('the router', () => {
  const routes = ['/', '/work/:root', '/collection/*', '/a.b/:x'].map(route)
  const find = (path: string) => {
    const found = match(routes, path)
    return found && [found.route.path, found.params]
  }
  it.each([
    ['/', ['/', {}]],
    ['/work/bafy', ['/work/:root', { root: 'bafy' }]],
    ['/work/bafy/', ['/work/:root', { root: 'bafy' }]],
    ['/work/a%2Fb', ['/work/:root', { root: 'a/b' }]],
    ['/collection/streamcreator1x/c7', ['/collection/*', { rest: 'streamcreator1x/c7' }]],
    ['/work', undefined],
    ['/work/a/b', undefined],
    ['/axb/1', undefined],
    ['/work/%E0%A4%A', undefined],
  ])('%s', (path, expected) => expect(find(path)).toEqual(expected))

  it('paths of ids hold whatever is in them', () => {
    expect(match(routes, workPath('a/../b?c#d'))?.params.root).toBe('a/../b?c#d')
    expect(collectionPath('c1/x?y')).toBe('/collection/c1/x%3Fy')
    expect(creatorPath('"><img>')).toBe('/creator/%22%3E%3Cimg%3E')
  })
})

describe('errors in words', () => {
  it.each([
    [{ slug: 'sdk/InsufficientFunds', message: 'x' }, 'There is not enough STREAM in the wallet'],
    [{ slug: 'subscription/PriceAboveMax', message: 'x' }, 'The price has changed'],
    [{ slug: 'work-not-found', status: 404 }, 'This is not on the chain'],
    [{ name: 'ConnectionError', slug: 'unreachable' }, 'The chain is not reached just now'],
    [{ name: 'DiscoveryError', slug: 'unreachable' }, 'The server does not answer'],
    [new TypeError('Failed to fetch'), 'The server does not answer'],
    [new Error('Failed to fetch dynamically imported module: x'), 'The app has been updated'],
    [{ status: 429 }, 'Too many requests'],
    [{ status: 503 }, 'The server could not answer'],
    ['something', 'That did not work'],
    [undefined, 'That did not work'],
  ])('%o', (error, title) => {
    const said = explain(error)
    expect(said.title).toBe(title)
    expect(said.todo).not.toBe('')
  })
  it('offline comes before all else', () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValueOnce(false)
    expect(explain({ slug: 'sdk/InsufficientFunds' }).title).toBe('You are offline')
  })
  it('a no is told from a failure', () => {
    expect([new Cancelled(), Object.assign(new Error('stopped'), { name: 'AbortError' }), new Error('x'), undefined].map(isCancelled)).toEqual([true, true, false, false])
  })
})

describe('what is loaded', () => {
  it('shows the newest request, whichever comes last', async () => {
    const answers: ((value: string) => void)[] = []
    const made = new Resource(() => new Promise<string>((resolve) => answers.push(resolve)))
    void made.reload()
    void made.reload()
    answers[1]!('new')
    await Promise.resolve()
    answers[0]!('old')
    await new Promise((resolve) => setTimeout(resolve))
    expect([made.data, made.loading]).toEqual(['new', false])
  })
  it('keeps the old value while a newer one fails', async () => {
    let fails = false
    const made = new Resource(async () => {
      if (fails) throw new Error('gone')
      return 1
    })
    await made.reload()
    fails = true
    await made.reload()
    expect(made.data).toBe(1)
    expect(made.error).toBeInstanceOf(Error)
  })
  it('appends pages until there is no cursor, and asks for none beyond', async () => {
    const asked: (string | undefined)[] = []
    const list = new Pages<number>(async (cursor) => {
      asked.push(cursor)
      return cursor ? { items: [2] } : { items: [1], cursor: 'next' }
    })
    await list.restart()
    await list.more()
    await list.more()
    expect([list.items, asked, list.done]).toEqual([[1, 2], [undefined, 'next'], true])
  })
})

describe('what is kept', () => {
  it('is read back, and replaced by the fallback where it does not fit', () => {
    const store = stored<Record<string, unknown>>('thing', { a: 0 }, isRecord)
    store.set({ a: 1 })
    expect(store.get()).toEqual({ a: 1 })
    for (const broken of ['[1]', '{', 'null', '"x"']) {
      localStorage.setItem('sc.thing', broken)
      expect(store.get()).toEqual({ a: 0 })
    }
  })
  it('holds for the visit where the browser keeps nothing', () => {
    const store = stored<Record<string, unknown>>('other', {}, isRecord)
    const spy = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new Error('full')
    })
    store.set({ b: 2 })
    expect(store.get()).toEqual({ b: 2 })
    spy.mockRestore()
  })
})

describe('made covers', () => {
  it('are the same for the same id, and differ', () => {
    expect(art('bafyreia')).toEqual(art('bafyreia'))
    const looks = new Set(Array.from({ length: 60 }, (_, i) => JSON.stringify({ ...art(`bafyrei${i}`), values: 0, turn: 0 })))
    expect(looks.size).toBeGreaterThan(15)
    for (let i = 0; i < 200; i++) {
      const made = art(String(i))
      expect(made.palette).toBeLessThan(PALETTES)
      expect(made.values.every((value) => value > 0 && value <= 1)).toBe(true)
    }
  })
})

describe('the backup’s questions', () => {
  it('are three different words in order', () => {
    for (let i = 0; i < 50; i++) {
      const asked = questions(24)
      expect(new Set(asked).size).toBe(3)
      expect(asked).toEqual([...asked].sort((a, b) => a - b))
      expect(asked.every((index) => index >= 0 && index < 24)).toBe(true)
    }
  })
})

it('passwords that are guessed first are refused', () => {
  expect(passwordProblem('short')).toBeTruthy()
  expect(passwordProblem('aaaaaaaaaaaa')).toBeTruthy()
  expect(passwordProblem('1234567890')).toBeTruthy()
  expect(passwordProblem('a cat on the roof')).toBeUndefined()
})
