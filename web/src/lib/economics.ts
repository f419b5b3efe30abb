import { recipients, type Recipient } from './parts'
import { rest } from './rest'

export type RailName = 'purchase' | 'rental' | 'plan' | 'metered' | 'tip'

/** Basis points of a price by recipient, and for how long a purchase can be given back. */
export interface Economics {
  rails: Record<RailName, Partial<Record<Recipient, number>>>
  refundSeconds: number
  minDeposit: bigint
}

let asked: Promise<Economics> | undefined

/** How payments are shared out now, as the chain says; asked for once. */
export function economics(): Promise<Economics> {
  asked ??= load().catch((error: unknown) => {
    asked = undefined
    throw error
  })
  return asked
}

interface Answer {
  economics: {
    revenue: { rails: Record<string, string | number>[]; refund_window_seconds: string }
    stream: { min_deposit: string }
  }
}

async function load(): Promise<Economics> {
  const { revenue, stream } = (await rest<Answer>('/streamchain/stream/v1/economics')).economics
  const rails = Object.fromEntries(
    revenue.rails.map((rail) => [
      String(rail.rail).replace('RAIL_', '').toLowerCase(),
      Object.fromEntries(recipients.flatMap((recipient) => (Number(rail[`${recipient}_bps`]) > 0 ? [[recipient, Number(rail[`${recipient}_bps`])]] : []))),
    ]),
  ) as Economics['rails']
  return { rails, refundSeconds: Number(revenue.refund_window_seconds), minDeposit: BigInt(stream.min_deposit) }
}

/**
 * What becomes of a price before discounts, by the chain's own rule: every part but the creator's is rounded down, and what nobody is entitled to (key
 * holders of what is not encrypted) is the creator's.
 */
export function preview(rail: Partial<Record<Recipient, number>>, price: bigint, encrypted: boolean): Partial<Record<Recipient, string>> {
  const parts: Partial<Record<Recipient, string>> = {}
  let others = 0n
  for (const [recipient, bps] of Object.entries(rail) as [Recipient, number][]) {
    if (recipient === 'creator' || (recipient === 'key_holders' && !encrypted)) continue
    const part = (price * BigInt(bps)) / 10_000n
    others += part
    parts[recipient] = part.toString()
  }
  parts.creator = (price - others).toString()
  return parts
}
