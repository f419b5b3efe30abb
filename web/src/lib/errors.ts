import { m } from './i18n'

/** What went wrong and what to do, in plain words; the detail is for who can use it. */
export interface Said {
  title: string
  todo: string
  detail?: string
}

/** The person said no: nothing happened, and nothing needs to be said. */
export class Cancelled extends Error {
  constructor() {
    super('cancelled')
    this.name = 'Cancelled'
  }
}

export const isCancelled = (error: unknown): boolean => error instanceof Error && (error.name === 'Cancelled' || error.name === 'AbortError')

/** The fields that errors of the SDK, of discovery and of nodes have; read by shape, so that a lazily loaded class is not needed to tell. */
function fields(error: unknown): { name: string; message: string; status: number; slug: string; code: string; detail: string } {
  const of = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  const text = (key: string): string => (typeof of[key] === 'string' ? (of[key] as string) : '')
  return {
    name: text('name'),
    message: text('message') || (typeof error === 'string' ? error : ''),
    status: typeof of.status === 'number' ? of.status : 0,
    slug: text('slug') || text('code'),
    code: text('codespace'),
    detail: text('detail'),
  }
}

/** Texts by which the chain's own refusals are known, in the order in which they are tried. */
const refusals: [pattern: RegExp, title: () => string, todo: () => string][] = [
  [/insufficient funds|insufficient fee|smaller than/i, m.error_funds, m.error_funds_todo],
  [/price.*above|ErrPriceAboveMax/i, m.error_price_changed, m.error_price_changed_todo],
  [/already own/i, m.error_owned, m.error_owned_todo],
  [/plan.*(is closed|closed)|ErrPlanClosed/i, m.error_plan_closed, m.error_plan_closed_todo],
  [/work.*(retired|not active)|ErrWorkNotActive/i, m.error_retired, m.error_retired_todo],
  [/not a controller|ErrNotController|does not control/i, m.error_not_controller, m.error_not_controller_todo],
  [/account sequence mismatch/i, m.error_sequence, m.error_sequence_todo],
  [/out of gas/i, m.error_gas, m.error_gas_todo],
  [/fee.?allowance|fee-grant|fee grant/i, m.error_allowance, m.error_allowance_todo],
  [/password|decrypt/i, m.error_password, m.error_password_todo],
]

const bySlug: Record<string, [title: () => string, todo: () => string]> = {
  'rate-limit': [m.error_rate, m.error_rate_todo],
  'too-many-requests': [m.error_rate, m.error_rate_todo],
  'budget-spent': [m.error_sponsor, m.error_sponsor_todo],
  'sponsor-empty': [m.error_sponsor, m.error_sponsor_todo],
  'network-limit': [m.error_sponsor, m.error_sponsor_todo],
  busy: [m.error_sponsor, m.error_sponsor_todo],
  'already-sponsored': [m.error_sponsored, m.error_sponsored_todo],
  'not-a-newcomer': [m.error_sponsored, m.error_sponsored_todo],
  blocked: [m.error_blocked, m.error_blocked_todo],
  'payment-required': [m.error_payment, m.error_payment_todo],
  'lane-exhausted': [m.error_payment, m.error_payment_todo],
  'chain-behind': [m.error_chain, m.error_chain_todo],
  'chain-stale': [m.error_chain, m.error_chain_todo],
  'chain-unreachable': [m.error_chain, m.error_chain_todo],
}

/** Says any error in plain words. It never shows a stack, and always something to do. */
export function explain(error: unknown): Said {
  const { name, message, status, slug, detail } = fields(error)
  const extra = detail || message
  const say = (title: () => string, todo: () => string, more = extra): Said => ({ title: title(), todo: todo(), ...(more ? { detail: more.slice(0, 400) } : {}) })

  if (!navigator.onLine) return say(m.error_offline, m.error_offline_todo, '')
  const known = bySlug[slug]
  if (known) return say(...known)
  if (status === 404 || slug.endsWith('not-found')) return say(m.error_gone, m.error_gone_todo, '')
  if (status === 429) return say(m.error_rate, m.error_rate_todo)
  for (const [pattern, title, todo] of refusals) if (pattern.test(message) || pattern.test(detail)) return say(title, todo)
  if (/dynamically imported module|Importing a module script failed|error loading dynamically/i.test(message)) return say(m.error_update, m.error_update_todo, '')
  if (name === 'TypeError' && /fetch|network|load failed/i.test(message)) return say(m.error_unreachable, m.error_unreachable_todo, '')
  if (/request rejected|user rejected/i.test(message)) return say(m.error_rejected, m.error_rejected_todo, '')
  if (status >= 500) return say(m.error_server, m.error_server_todo)
  return say(m.error_unknown, m.error_unknown_todo)
}
