import type { Coin } from './format'
import type { Priced } from './price'

/** One way to get access, as the chain says it now. */
export interface Way extends Priced {
  kind: string
  price?: Coin
  /** What the price buys: a tick, a period, a rental. */
  seconds: number
  plan?: string
  pass?: string
  collection?: string
}

/** The chain's decision for one viewer and work. */
export interface Decision {
  granted: boolean
  /** creator free purchased tier token subscribed rented pass, else payment-required not-offered work-retired work-restricted. */
  reason: string
  by: string
  until: number
  plan?: string
  pass?: string
  collection?: string
  ways: Way[]
  metered?: { price_per_tick: string; tick_seconds: number; preview_seconds: number }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'bigint' || typeof value === 'number' ? String(value) : '')
const number = (value: unknown): number => Number(text(value) || 0)
const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {})

/** Reads a field that is called `snake_case` by the chain's REST and `camelCase` by generated code. */
function field(of: Record<string, unknown>, name: string): unknown {
  return of[name] ?? of[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())]
}

/** Names of enums: numbers of generated code, names of REST. */
const KINDS: Record<number, string> = { 1: 'free', 2: 'purchase', 3: 'metered', 4: 'plan', 5: 'rental', 6: 'tier', 7: 'token', 8: 'pay-what-you-want', 20: 'template', 40: 'pass' }
const TIERS: Record<number, string> = { 1: 'bronze', 2: 'silver', 3: 'gold', 4: 'platinum' }

function name(value: unknown, prefix: string, numbers: Record<number, string>): string {
  if (typeof value === 'number') return numbers[value] ?? ''
  return text(value)
    .replace(new RegExp(`^${prefix}_?`), '')
    .toLowerCase()
    .replace(/_/g, '-')
}

function coinOf(value: unknown): Coin | undefined {
  const { denom, amount } = record(value)
  return typeof denom === 'string' && denom !== '' ? { denom, amount: text(amount) || '0' } : undefined
}

/** The decision in one shape, whether it came by REST (snake case, enum names) or through generated code. */
export function readDecision(answer: unknown): Decision {
  const of = record(answer)
  const offers = (field(of, 'offers') as unknown[] | undefined) ?? []
  const metered = record(field(of, 'metered'))
  const pricePerTick = text(field(metered, 'price_per_tick'))
  const terms = pricePerTick ? { price_per_tick: pricePerTick, tick_seconds: number(field(metered, 'tick_seconds')) || 1, preview_seconds: number(field(metered, 'preview_seconds')) } : undefined

  const ways = offers.map((one): Way => {
    const offer = record(one)
    const kind = name(field(offer, 'kind'), 'OFFER_KIND', KINDS)
    const price = coinOf(field(offer, 'price'))
    const seconds = number(field(offer, 'seconds'))
    const tier = name(field(offer, 'tier'), 'TIER', TIERS)
    return {
      kind,
      seconds,
      ...(price ? { price } : {}),
      ...(kind === 'metered' ? { tick_seconds: seconds || 1, preview_seconds: terms?.preview_seconds ?? 0 } : { duration_seconds: seconds }),
      ...optional('plan', text(field(offer, 'plan'))),
      ...optional('pass', text(field(offer, 'pass'))),
      ...optional('collection', text(field(offer, 'collection'))),
      ...optional('tier', tier && tier !== 'unspecified' && tier !== 'none' ? tier : ''),
    }
  })

  return {
    granted: field(of, 'granted') === true,
    reason: text(field(of, 'reason')),
    by: text(field(of, 'by')),
    until: number(field(of, 'until')),
    ...optional('plan', text(field(of, 'plan'))),
    ...optional('pass', text(field(of, 'pass'))),
    ...optional('collection', text(field(of, 'collection'))),
    ways,
    ...(terms ? { metered: terms } : {}),
  }
}

const optional = <K extends string>(key: K, value: string): { [P in K]?: string } => (value ? ({ [key]: value } as { [P in K]?: string }) : {})
