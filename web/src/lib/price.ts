import { coin, duration, per, stream, type Coin } from './format'
import { m } from './i18n'

/** The fields of an offer that its words need: those of the discovery API, or of the chain's decision brought into the same shape. */
export interface Priced {
  kind: string
  price?: Coin | undefined
  tick_seconds?: number | undefined
  preview_seconds?: number | undefined
  duration_seconds?: number | undefined
  tier?: string | undefined
  plans?: string[] | undefined
}

/** What a minute costs of an offer by the tick, in base units rounded up: a viewer is never told less than is paid. */
export function perMinute(pricePerTick: string | bigint, tickSeconds: number): bigint {
  const ticks = BigInt(Math.max(1, tickSeconds))
  return (BigInt(pricePerTick) * 60n + ticks - 1n) / ticks
}

/** What watching the whole of it costs by the tick; begun ticks count whole. */
export function whole(pricePerTick: string | bigint, tickSeconds: number, seconds: number): bigint {
  return BigInt(pricePerTick) * BigInt(Math.ceil(seconds / Math.max(1, tickSeconds)))
}

/** One offer in plain words: '0.006 STREAM a minute', '5 STREAM, yours to keep'. */
export function words(offer: Priced): string {
  const price = coin(offer.price)
  switch (offer.kind) {
    case 'free':
      return m.price_free()
    case 'metered':
      return m.price_minute({ price: offer.price?.denom === 'ustream' || !offer.price ? stream(perMinute(offer.price?.amount ?? '0', offer.tick_seconds ?? 1)) : price })
    case 'purchase':
      return m.price_keep({ price })
    case 'pay-what-you-want':
      return BigInt(offer.price?.amount ?? '0') > 0n ? m.price_pwyw_from({ price }) : m.price_pwyw()
    case 'rental':
      return m.price_rent({ price, time: duration(offer.duration_seconds ?? 0) })
    case 'plan':
    case 'pass':
      return offer.price ? m.price_plan({ price, time: per(offer.duration_seconds ?? 0) }) : offer.kind === 'pass' ? m.price_pass_any() : m.price_plan_any()
    case 'tier':
      return m.price_tier({ tier: tierName(offer.tier ?? '') })
    case 'token':
      return m.price_token({ price })
    case 'template':
      return offer.price && offer.price.amount !== '0' ? m.price_template({ price }) : m.price_template_any()
    default:
      return m.price_other()
  }
}

export function tierName(tier: string): string {
  const names: Record<string, () => string> = { bronze: m.tier_bronze, silver: m.tier_silver, gold: m.tier_gold, platinum: m.tier_platinum }
  return names[tier.toLowerCase().replace(/^tier_/, '')]?.() ?? tier
}

const ORDER = ['free', 'metered', 'plan', 'pass', 'rental', 'purchase', 'pay-what-you-want', 'template', 'tier', 'token']

/** The one price for a small card: the easiest way in first, and how many more there are. */
export function headline(offers: Priced[]): { text: string; more: number } {
  if (offers.length === 0) return { text: m.price_none(), more: 0 }
  const rank = (offer: Priced): number => (ORDER.indexOf(offer.kind) + ORDER.length + 1) % (ORDER.length + 1)
  const first = [...offers].sort((a, b) => rank(a) - rank(b))[0]!
  return { text: words(first), more: offers.length - 1 }
}
