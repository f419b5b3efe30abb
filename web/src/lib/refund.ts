/** A running subscription as the chain has it (REST). */
export interface RunningSubscription {
  viewer: string
  plan: string
  started_at: string
  expires_at: string
  period_started_at: string
  prepaid: { payer: string; price: { denom: string; amount: string }; periods: number }[]
  mandate: { payer: string; max_price: { denom: string; amount: string }; renewals: number } | null
}

/**
 * What cancelling at a moment gives back, by the chain's own rule: of the running period the unused seconds, rounded down, where at least `minSeconds`
 * count as used; all later periods whole; a trial (the period starts later) whole.
 */
export function refundAt(subscription: RunningSubscription, plan: { period_seconds: number; min_seconds: number }, now: number): { refunded: bigint; kept: bigint } {
  const moment = Math.floor(now)
  const period = plan.period_seconds
  const amounts = subscription.prepaid.flatMap(({ price, periods }) => Array.from({ length: periods }, () => BigInt(price.amount)))
  const paid = amounts.reduce((sum, amount) => sum + amount, 0n)

  // Periods that have ended are the creator's, also while the chain has not shared them out yet.
  let start = Number(subscription.period_started_at)
  while (amounts.length > 0 && moment >= start + period) {
    amounts.shift()
    start += period
  }
  const [running, ...later] = amounts
  if (running === undefined) return { refunded: 0n, kept: paid }

  const used = moment < start ? 0 : Math.min(period, Math.max(moment - start, plan.min_seconds))
  const unused = (running * BigInt(period - used)) / BigInt(period)
  const refunded = later.reduce((sum, amount) => sum + amount, unused)
  return { refunded, kept: paid - refunded }
}
