import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fundedSeconds, storageCost } from '../src/studio/chain'
import { argument, draft, draftOf, offerOf, ticks } from '../src/studio/offers'
import shipped from '../src/studio/shipped.json'

const templates = join(import.meta.dirname, '../../templates')
const files = Object.fromEntries(readdirSync(templates).filter((name) => name.endsWith('.yaml')).map((name) => [`/${name}`, readFileSync(join(templates, name), 'utf8')]))

it('a price a minute is exact, by the shortest tick that makes it so', () => {
  expect(ticks(6000n)).toEqual({ pricePerTick: 100n, tickSeconds: 1 })
  expect(ticks(61n)).toEqual({ pricePerTick: 61n, tickSeconds: 60 })
  expect(ticks(90n)).toEqual({ pricePerTick: 3n, tickSeconds: 2 })
  expect(ticks(1n)).toEqual({ pricePerTick: 1n, tickSeconds: 60 })
  expect(ticks(0n)).toBeUndefined()
  for (const price of [1n, 7n, 59n, 100n, 12_345n, 999_999n]) {
    const found = ticks(price)!
    expect((found.pricePerTick * 60n) / BigInt(found.tickSeconds)).toBe(price)
    expect((found.pricePerTick * 60n) % BigInt(found.tickSeconds)).toBe(0n)
  }
})

it('offers are made of what was typed, exactly, or it is said what is wrong', () => {
  expect(offerOf(draft('metered', { price: '0.006', preview: '30' }))).toEqual({ offer: { kind: 'metered', pricePerTick: '100', tickSeconds: 1, previewSeconds: 30 } })
  expect(offerOf(draft('purchase', { price: '1.5' }))).toEqual({ offer: { kind: 'purchase', price: { denom: 'ustream', amount: '1500000' } } })
  expect(offerOf(draft('purchase', { price: '0.1234567' }))).toEqual({ flaw: 'price' })
  expect(offerOf(draft('purchase', { price: '-1' }))).toEqual({ flaw: 'price' })
  expect(offerOf(draft('rental', { price: '1', hours: '48' }))).toEqual({ offer: { kind: 'rental', price: { denom: 'ustream', amount: '1000000' }, seconds: 172_800 } })
  expect(offerOf(draft('rental', { price: '1', hours: '0' }))).toEqual({ flaw: 'hours' })
  expect(offerOf(draft('plan'))).toEqual({ flaw: 'plans' })
  expect(offerOf(draft('token', { denom: 'ufan', price: '100' }))).toEqual({ offer: { kind: 'token', minimum: { denom: 'ufan', amount: '100' } } })
  expect(offerOf(draft('token', { denom: '1x', price: '100' }))).toEqual({ flaw: 'denom' })
  expect(offerOf(draft('template'))).toEqual({ flaw: 'template' })
})

const int = { name: 'price', about: '', type: 'TEMPLATE_TYPE_INT', min: '1', max: '1000', options: [], max_len: 0, default: { type: 'TEMPLATE_TYPE_INT', number: '5', truth: false, text: '', numbers: [] } }

it('template arguments stay within their bounds, and defaults are left out', () => {
  expect(argument(int, '1')).toBe(1n)
  for (const wrong of ['0', '1001', '', '1.5', 'x', '99999999999999999999']) expect(argument(int, wrong)).toBeUndefined()
  expect(argument({ ...int, type: 'TEMPLATE_TYPE_LIST', max_len: 2 }, '1, 2')).toEqual([1n, 2n])
  expect(argument({ ...int, type: 'TEMPLATE_TYPE_LIST', max_len: 2 }, '1, 2, 3')).toBeUndefined()
  expect(offerOf(draft('template', { template: 'a/1', args: { price: '5' } }), [int])).toEqual({ offer: { kind: 'template', template: 'a/1', args: {} } })
  expect(offerOf(draft('template', { template: 'a/1', args: { price: '6' } }), [int])).toEqual({ offer: { kind: 'template', template: 'a/1', args: { price: 6n } } })
  expect(offerOf(draft('template', { template: 'a/1', args: { price: '0' } }), [int])).toEqual({ flaw: 'args' })
})

it('an offer of the chain can be edited without becoming another', () => {
  for (const offer of [
    { kind: 'metered', price: { denom: 'ustream', amount: '3' }, tick_seconds: 2, preview_seconds: 10 },
    { kind: 'purchase', price: { denom: 'ustream', amount: '1500000' } },
    { kind: 'rental', price: { denom: 'ustream', amount: '1' }, duration_seconds: 7200 },
    { kind: 'token', price: { denom: 'ufan', amount: '100' } },
    { kind: 'tier', tier: 'gold' },
    { kind: 'plan', plans: ['a/1'] },
  ]) {
    const made = offerOf(draftOf(offer))
    expect(made).toMatchObject({ offer: { kind: offer.kind } })
    if (offer.kind === 'metered') expect(made).toEqual({ offer: { kind: 'metered', pricePerTick: '3', tickSeconds: 2, previewSeconds: 10 } })
    if (offer.kind === 'rental') expect(made).toMatchObject({ offer: { seconds: 7200, price: { amount: '1' } } })
  }
})

it('storage is paid to the second, rounded up for each copy', () => {
  const cost = storageCost(['1000000'], 1 << 30, 30)
  expect(cost >= 29_999_999n && cost <= 30_000_001n).toBe(true)
  expect(storageCost(['0', '0'], 10, 30)).toBe(2n)
  expect(fundedSeconds({ balance: '1000', owed: '0', rate: '10', deals: 1 })).toBe(100)
  expect(fundedSeconds({ balance: '1000', owed: '0', rate: '0', deals: 0 })).toBeUndefined()
})

it('the templates that ship are those of the repository', () => {
  const tight = (text: string): string => text.replace(/\s+/g, '')
  const sources = Object.entries(files).filter(([path]) => !path.endsWith('_test.yaml'))
  expect(shipped.map((one) => one.name).sort()).toEqual(sources.map(([path]) => path.replace(/^.*\//, '').replace('.yaml', '')).sort())
  for (const one of shipped) {
    const text = tight(sources.find(([path]) => path.endsWith(`/${one.name}.yaml`))![1].replace(/^#.*$/gm, ''))
    for (const part of [one.title, one.access, one.price, one.refund]) expect(text).toContain(tight(part))
    for (const param of one.params) expect(text).toContain(`name:${param.name},type:${param.type}`)
  }
})
