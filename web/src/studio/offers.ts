import type { OfferWord } from '@streamchain/sdk/actions'
import { BASE, parseUnits, units } from '../lib/format'
import type { Offer } from '../lib/work'
import type { TemplateParam, TemplateValue } from './chain'

/** The ways to sell a work, in the order in which the studio offers them. */
export const kinds = ['free', 'metered', 'purchase', 'rental', 'plan', 'pay-what-you-want', 'tier', 'token', 'template'] as const
export type Kind = (typeof kinds)[number]

/** An offer as somebody fills it in: texts, so that nothing is lost of what was typed. */
export interface Draft {
  kind: Kind
  /** in STREAM; of metered: a minute */
  price: string
  preview: string
  hours: string
  plans: string[]
  tier: 'bronze' | 'silver' | 'gold' | 'platinum'
  denom: string
  template: string
  args: Record<string, string>
}

export const draft = (kind: Kind, fields: Partial<Draft> = {}): Draft => ({
  kind,
  price: '',
  preview: '0',
  hours: '48',
  plans: [],
  tier: 'bronze',
  denom: '',
  template: '',
  args: {},
  ...fields,
})

export type Flaw = 'price' | 'minute' | 'preview' | 'hours' | 'plans' | 'denom' | 'template' | 'args'

/** Divisors of a minute: how long one tick can be so that a price a minute is exact. */
const TICKS = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]

/** The shortest tick by which a price a minute is exact, and what one costs. */
export function ticks(perMinute: bigint): { pricePerTick: bigint; tickSeconds: number } | undefined {
  if (perMinute <= 0n) return undefined
  const tickSeconds = TICKS.find((seconds) => (perMinute * BigInt(seconds)) % 60n === 0n && perMinute * BigInt(seconds) >= 60n)
  return tickSeconds === undefined ? undefined : { pricePerTick: (perMinute * BigInt(tickSeconds)) / 60n, tickSeconds }
}

const DENOM = /^[a-zA-Z][a-zA-Z0-9/:._-]{2,127}$/

/** A parameter's value as typed; undefined where it does not fit its bounds. */
export function argument(param: TemplateParam, text: string): bigint | boolean | string | bigint[] | undefined {
  const within = (one: string): bigint | undefined => {
    if (!/^-?\d{1,18}$/.test(one.trim())) return undefined
    const value = BigInt(one.trim())
    return value >= BigInt(param.min) && value <= BigInt(param.max) ? value : undefined
  }
  switch (param.type) {
    case 'TEMPLATE_TYPE_BOOL':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'TEMPLATE_TYPE_STRING':
      return param.options.includes(text) ? text : undefined
    case 'TEMPLATE_TYPE_LIST': {
      const numbers = text.split(/[\s,]+/).filter(Boolean).map(within)
      return numbers.length > 0 && numbers.length <= param.max_len && numbers.every((n) => n !== undefined) ? (numbers as bigint[]) : undefined
    }
    default:
      return within(text)
  }
}

/** A parameter's value as a person types it. */
export function argumentText(value: TemplateValue): string {
  switch (value.type) {
    case 'TEMPLATE_TYPE_BOOL':
      return String(value.truth)
    case 'TEMPLATE_TYPE_STRING':
      return value.text
    case 'TEMPLATE_TYPE_LIST':
      return value.numbers.join(', ')
    default:
      return value.number
  }
}

/** The offer that a draft says, or what is wrong with it. Amounts are exact: no float on the way. */
export function offerOf(one: Draft, params: TemplateParam[] = []): { offer: OfferWord } | { flaw: Flaw } {
  const amount = parseUnits(one.price)
  const price = { denom: BASE, amount: (amount ?? 0n).toString() }
  const paid = amount !== undefined && amount > 0n
  const whole = (text: string): number | undefined => (/^\d{1,6}$/.test(text.trim()) ? Number(text) : undefined)
  switch (one.kind) {
    case 'free':
      return { offer: { kind: 'free' } }
    case 'metered': {
      const found = amount === undefined ? undefined : ticks(amount)
      const preview = whole(one.preview)
      if (!paid) return { flaw: 'price' }
      if (!found) return { flaw: 'minute' }
      if (preview === undefined) return { flaw: 'preview' }
      return { offer: { kind: 'metered', pricePerTick: found.pricePerTick.toString(), tickSeconds: found.tickSeconds, previewSeconds: preview } }
    }
    case 'purchase':
      return paid ? { offer: { kind: 'purchase', price } } : { flaw: 'price' }
    case 'rental': {
      const hours = whole(one.hours)
      if (!paid) return { flaw: 'price' }
      return hours ? { offer: { kind: 'rental', price, seconds: hours * 3600 } } : { flaw: 'hours' }
    }
    case 'plan':
      return one.plans.length > 0 ? { offer: { kind: 'plan', plans: [...one.plans] } } : { flaw: 'plans' }
    case 'pay-what-you-want':
      return paid ? { offer: { kind: 'pay-what-you-want', minimum: price } } : { flaw: 'price' }
    case 'tier':
      return { offer: { kind: 'tier', tier: one.tier } }
    case 'token': {
      if (!DENOM.test(one.denom.trim())) return { flaw: 'denom' }
      const minimum = one.denom.trim() === BASE ? price.amount : /^\d{1,30}$/.test(one.price.trim()) ? one.price.trim() : '0'
      return BigInt(minimum) > 0n ? { offer: { kind: 'token', minimum: { denom: one.denom.trim(), amount: minimum } } } : { flaw: 'price' }
    }
    case 'template': {
      if (!one.template) return { flaw: 'template' }
      const args: Record<string, bigint | boolean | string | bigint[]> = {}
      for (const param of params) {
        const text = one.args[param.name]
        if (text === undefined || text === argumentText(param.default)) continue
        const value = argument(param, text)
        if (value === undefined) return { flaw: 'args' }
        args[param.name] = value
      }
      return { offer: { kind: 'template', template: one.template, args } }
    }
  }
}

/** The draft of an offer that is on the chain, as the discovery API says it. */
export function draftOf(offer: Offer): Draft {
  const price = offer.price ? (offer.price.denom === BASE ? units(offer.price.amount) : offer.price.amount) : ''
  switch (offer.kind) {
    case 'metered': {
      const perMinute = (BigInt(offer.price?.amount ?? '0') * 60n) / BigInt(Math.max(1, offer.tick_seconds ?? 1))
      return draft('metered', { price: units(perMinute), preview: String(offer.preview_seconds ?? 0) })
    }
    case 'rental':
      return draft('rental', { price, hours: String(Math.floor((offer.duration_seconds ?? 0) / 3600)) })
    case 'plan':
      return draft('plan', { plans: offer.plans ?? [] })
    case 'tier':
      return draft('tier', { tier: (offer.tier ?? 'bronze').toLowerCase().replace(/^tier_/, '') as Draft['tier'] })
    case 'token':
      return draft('token', { price, denom: offer.price?.denom ?? '' })
    case 'template':
      return draft('template', {
        template: offer.template ?? '',
        args: Object.fromEntries(Object.entries(offer.args ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)])),
      })
    case 'free':
    case 'purchase':
    case 'pay-what-you-want':
      return draft(offer.kind, { price })
    default:
      return draft('purchase', { price })
  }
}

/** Whether anybody pays for it: what has a price is encrypted. */
export const priced = (drafts: Draft[]): boolean => drafts.some((one) => one.kind !== 'free')
