import { describe, expect, it } from 'vitest'
import { preview } from '../src/lib/economics'
import { partsOf } from '../src/lib/parts'
import { headline, perMinute, whole, words } from '../src/lib/price'
import { refundAt, type RunningSubscription } from '../src/lib/refund'
import { readDecision } from '../src/lib/rights'
import { licence } from '../src/pages/work/licence'

const u = (amount: string) => ({ denom: 'ustream', amount })
const plain = (text: string): string => text.replace(/\u00a0/g, ' ')

describe('prices in words', () => {
  it('a minute is rounded up: nobody is told less than is paid', () => {
    expect(perMinute('100', 1)).toBe(6000n)
    expect(perMinute('1', 7)).toBe(9n)
    expect(perMinute('1', 0)).toBe(60n)
  })
  it('begun ticks count whole', () => expect(whole('100', 10, 95)).toBe(1000n))

  it.each([
    [{ kind: 'free' }, 'Free'],
    [{ kind: 'metered', price: u('100'), tick_seconds: 1 }, '0.006 STREAM a minute'],
    [{ kind: 'purchase', price: u('1500000') }, '1.5 STREAM, yours to keep'],
    [{ kind: 'rental', price: u('1'), duration_seconds: 172_800 }, '0.000001 STREAM for 2 days'],
    [{ kind: 'plan', price: u('2000000'), duration_seconds: 86_400 }, '2 STREAM per day'],
    [{ kind: 'pay-what-you-want', price: u('0') }, 'Pay what you want'],
    [{ kind: 'tier', tier: 'TIER_GOLD' }, 'For gold stakers'],
    [{ kind: 'something-new' }, 'Another way to pay'],
  ])('%j', (offer, text) => expect(plain(words(offer))).toBe(text))

  it('a card shows the easiest way in, and how many more', () => {
    const said = headline([{ kind: 'something-new' }, { kind: 'purchase', price: u('1') }, { kind: 'metered', price: u('100'), tick_seconds: 1 }])
    expect(plain(said.text)).toBe('0.006 STREAM a minute')
    expect(said.more).toBe(2)
    expect(headline([]).text).toBe('Not for sale')
  })
})

describe('the decision', () => {
  const answer = {
    granted: false,
    by: 'ACCESS_BY_UNSPECIFIED',
    until: '0',
    reason: 'payment-required',
    offers: [
      { kind: 'OFFER_KIND_METERED', price: u('100'), seconds: '1', plan: '', collection: '', tier: 'TIER_NONE', pass: '' },
      { kind: 'OFFER_KIND_PLAN', price: u('2000000'), seconds: '30', plan: 'streamcreator1x/1', collection: '', tier: 'TIER_NONE', pass: '' },
      { kind: 'OFFER_KIND_PAY_WHAT_YOU_WANT', price: u('0'), seconds: '0', plan: '', collection: '', tier: 'TIER_NONE', pass: '' },
    ],
    metered: { price_per_tick: '100', tick_seconds: 1, preview_seconds: 10 },
  }
  it('of REST', () => {
    const read = readDecision(answer)
    expect(read.granted).toBe(false)
    expect(read.ways.map((way) => way.kind)).toEqual(['metered', 'plan', 'pay-what-you-want'])
    expect(read.ways[0]).toMatchObject({ tick_seconds: 1, preview_seconds: 10 })
    expect(read.ways[1]).toMatchObject({ plan: 'streamcreator1x/1', duration_seconds: 30 })
    expect(read.ways[1]).not.toHaveProperty('tier')
    expect(read.metered).toEqual({ price_per_tick: '100', tick_seconds: 1, preview_seconds: 10 })
  })
  it('of generated code is the same', () => {
    const generated = {
      granted: false,
      reason: 'payment-required',
      by: 0,
      until: 0n,
      offers: [
        { kind: 3, price: u('100'), seconds: 1n, plan: '', collection: '', tier: 0, pass: '' },
        { kind: 4, price: u('2000000'), seconds: 30n, plan: 'streamcreator1x/1', collection: '', tier: 0, pass: '' },
        { kind: 8, price: u('0'), seconds: 0n, plan: '', collection: '', tier: 0, pass: '' },
      ],
      metered: { pricePerTick: '100', tickSeconds: 1, previewSeconds: 10 },
    }
    expect(readDecision(generated).ways).toEqual(readDecision(answer).ways)
    expect(readDecision(generated).metered).toEqual(readDecision(answer).metered)
  })
  it('denies where it cannot be read', () => {
    for (const broken of [undefined, null, 'granted', { granted: 'true' }, { granted: 1 }]) expect(readDecision(broken).granted).toBe(false)
  })
})

describe('who got what', () => {
  it('leaves out what is nothing or no amount, and sums the rest', () => {
    const { items, total } = partsOf({ creator: '900', burn: '0', server: '-5', treasury: 7, stakers: '100', unknown: '3' })
    expect(items.map((item) => item.recipient)).toEqual(['creator', 'stakers'])
    expect(total).toBe(1000n)
  })
  const rail = { creator: 9000, key_holders: 50, endowment: 200, storage_pool: 150, stakers: 200, treasury: 200, participation: 100, burn: 100 }
  it('a preview sums to the price to the unit; remainders are the creator’s', () => {
    for (const price of [1n, 33n, 999_999n, 1_500_000n]) {
      for (const encrypted of [true, false]) {
        const { items, total } = partsOf(preview(rail, price, encrypted))
        expect(total).toBe(price)
        expect(items.some((item) => item.recipient === 'key_holders')).toBe(encrypted && price >= 200n)
      }
    }
    expect(preview(rail, 1_500_000n, true)).toMatchObject({ creator: '1350000', key_holders: '7500' })
    expect(preview(rail, 1_500_000n, false)).toMatchObject({ creator: '1357500' })
  })
})

describe('what cancelling gives back, as the chain counts it (x/subscription TestCancel)', () => {
  const day = 86_400
  const sub = (price: string, periods = 1, start = 1000): RunningSubscription => ({
    viewer: 'v',
    plan: 'p/1',
    started_at: String(start),
    expires_at: String(start + periods * day),
    period_started_at: String(start),
    prepaid: [{ payer: 'v', price: u(price), periods }],
    mandate: null,
  })
  it.each([
    ['86400', 0, 86_400n],
    ['86400', 1, 86_399n],
    ['86400', 86_399, 1n],
    ['86401', 1, 86_399n],
    ['1', 0, 1n],
    ['1', 1, 0n],
    ['3', 43_200, 1n],
    ['999999999999999999', 28_800, 666_666_666_666_666_666n],
  ])('of %s after %s s', (price, used, refunded) => {
    const back = refundAt(sub(price), { period_seconds: day, min_seconds: 0 }, 1000 + used)
    expect(back).toEqual({ refunded, kept: BigInt(price) - refunded })
  })
  it('later periods come back whole, ended ones not at all', () => {
    expect(refundAt(sub('4', 3), { period_seconds: day, min_seconds: 0 }, 1000 + day + day / 4).refunded).toBe(3n + 4n)
    expect(refundAt(sub('4', 1), { period_seconds: day, min_seconds: 0 }, 1000 + 2 * day).refunded).toBe(0n)
  })
  it('the least of a plan counts, but not in a trial', () => {
    const terms = { period_seconds: day, min_seconds: day / 10 }
    expect(refundAt(sub('1000000'), terms, 1000).kept).toBe(100_000n)
    expect(refundAt(sub('1000000', 1, 9000), terms, 1000).kept).toBe(0n)
  })
})

describe('licences', () => {
  it('are explained, and never an address that a stranger made', () => {
    expect(licence('CC-BY-SA-4.0').url).toBe('https://creativecommons.org/licenses/by-sa/4.0/')
    expect(licence('MIT').url).toBe('https://spdx.org/licenses/MIT.html')
    expect(licence('MIT/../../evil')).toEqual({})
    expect(licence('LicenseRef-Mine')).toEqual({})
  })
})
