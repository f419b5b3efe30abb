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

type Words = [title: () => string, todo: () => string]

/** By slug: of the chain (`codespace/Name`), of discovery, nodes, sponsor, wallets, and of the SDK itself. */
const bySlug: Record<string, Words> = {
  'sdk/InsufficientFunds': [m.error_funds, m.error_funds_todo],
  'sdk/InsufficientFee': [m.error_gas, m.error_gas_todo],
  'sdk/UnknownAddress': [m.error_new, m.error_new_todo],
  'sdk/WrongSequence': [m.error_sequence, m.error_sequence_todo],
  'sdk/OutOfGas': [m.error_gas, m.error_gas_todo],
  'feegrant/FeeLimitExceeded': [m.error_allowance, m.error_allowance_todo],
  'feegrant/FeeLimitExpired': [m.error_allowance, m.error_allowance_todo],
  'feegrant/MessageNotAllowed': [m.error_allowance, m.error_allowance_todo],
  'subscription/PriceAboveMax': [m.error_price_changed, m.error_price_changed_todo],
  'subscription/AlreadyOwned': [m.error_owned, m.error_owned_todo],
  'subscription/AlreadyRented': [m.error_owned, m.error_owned_todo],
  'subscription/PlanClosed': [m.error_plan_closed, m.error_plan_closed_todo],
  'subscription/PlanFull': [m.error_plan_closed, m.error_plan_closed_todo],
  'subscription/WorkNotActive': [m.error_retired, m.error_retired_todo],
  'content/NotController': [m.error_not_controller, m.error_not_controller_todo],
  'rate-limit': [m.error_rate, m.error_rate_todo],
  'too-many-requests': [m.error_rate, m.error_rate_todo],
  'budget-spent': [m.error_sponsor, m.error_sponsor_todo],
  'sponsor-empty': [m.error_sponsor, m.error_sponsor_todo],
  'network-limit': [m.error_sponsor, m.error_sponsor_todo],
  'already-sponsored': [m.error_sponsored, m.error_sponsored_todo],
  'not-a-newcomer': [m.error_sponsored, m.error_sponsored_todo],
  blocked: [m.error_blocked, m.error_blocked_todo],
  'payment-required': [m.error_payment, m.error_payment_todo],
  'lane-exhausted': [m.error_payment, m.error_payment_todo],
  chain: [m.error_chain, m.error_chain_todo],
  'chain-behind': [m.error_chain, m.error_chain_todo],
  'chain-stale': [m.error_chain, m.error_chain_todo],
  'chain-unreachable': [m.error_chain, m.error_chain_todo],
  'wrong-chain': [m.error_chain_other, m.error_chain_other_todo],
  unconfirmed: [m.error_unconfirmed, m.error_unconfirmed_todo],
  rejected: [m.error_rejected, m.error_rejected_todo],
  'wrong-password': [m.error_password, m.error_password_todo],
  'bad-mnemonic': [m.error_words, m.error_words_todo],
  'insecure-page': [m.error_insecure, m.error_insecure_todo],
}

/** Texts by which the same is known where there is no slug. */
const byText: [pattern: RegExp, ...Words][] = [
  [/insufficient funds/i, m.error_funds, m.error_funds_todo],
  [/insufficient fee|out of gas/i, m.error_gas, m.error_gas_todo],
  [/fee.?allowance|fee-grant|fee grant/i, m.error_allowance, m.error_allowance_todo],
  [/request rejected|user rejected/i, m.error_rejected, m.error_rejected_todo],
]

/** Says any error in plain words. It never shows a stack, and always something to do. */
export function explain(error: unknown): Said {
  const { name, message, status, slug, detail } = fields(error)
  const extra = detail || message
  const say = (title: () => string, todo: () => string, more = extra): Said => ({ title: title(), todo: todo(), ...(more ? { detail: more.slice(0, 400) } : {}) })

  if (!navigator.onLine) return say(m.error_offline, m.error_offline_todo, '')
  if (name === 'ConnectionError' && slug === 'unreachable') return say(m.error_chain, m.error_chain_todo)
  const known = bySlug[slug]
  if (known) return say(...known)
  if (/(^|\/)\w*not-?found$/i.test(slug) || status === 404) return say(m.error_gone, m.error_gone_todo, '')
  if (status === 429) return say(m.error_rate, m.error_rate_todo)
  for (const [pattern, title, todo] of byText) if (pattern.test(message) || pattern.test(detail)) return say(title, todo)
  if (/dynamically imported module|Importing a module script failed|error loading dynamically/i.test(message)) return say(m.error_update, m.error_update_todo, '')
  if (slug === 'unreachable' || (name === 'TypeError' && /fetch|network|load failed/i.test(message))) return say(m.error_unreachable, m.error_unreachable_todo, '')
  if (status >= 500 || slug === 'bad-answer') return say(m.error_server, m.error_server_todo)
  return say(m.error_unknown, m.error_unknown_todo)
}
