import { rest, restOr, segment } from '../lib/rest'

/** What the chain says of creators, works and money, in the shape in which its REST endpoint says it; only what the studio shows. */

export interface Coins {
  denom: string
  amount: string
}
export interface Creator {
  id: string
  controller: string
  handle: string
  registered_at: string
  handle_deposit: string
}
export interface ChainWork {
  cid: string
  root: string
  head: string
  creator: string
  kind: string
  status: string
  published_at: string
  piece_size: string
  deposit: string
  keys: { suite: string; window_seconds: number } | null
}
export interface Share {
  recipient: string
  bps: number
}
export interface Split {
  split: { subject: string; version: string; shares: Share[]; effective_at: string }
  pending: { subject: string; version: string; shares: Share[]; proposer: string; accepted: string[]; proposed_at: string } | null
  missing: string[]
  lapsed: boolean
}
export interface Escrow {
  balance: string
  owed: string
  rate: string
  deals: number
}
export interface Deal {
  work: string
  operator: string
  status: string
  rate: string
  accepted_at: string
  expires_at: string
}
export interface Provider {
  operator: string
  endpoints: string[]
  region: string
  status: string
  capacity_bytes: string
  committed_bytes: string
  price_per_gib_day: string
}
export interface Derivation {
  terms: { open: boolean; min_bps: number }
  parents: { parent: string; bps: number; granted: boolean }[]
}
export interface Payout {
  recipient: string
  to: string
  threshold: Coins
  queued_at: string
}
export interface TemplateValue {
  type: string
  number: string
  truth: boolean
  text: string
  numbers: string[]
}
export interface TemplateParam {
  name: string
  about: string
  type: string
  min: string
  max: string
  options: string[]
  max_len: number
  default: TemplateValue
}
export interface Template {
  id: string
  author: string
  title: string
  access: string
  price: string
  refund: string
  params: TemplateParam[]
  royalty_bps: number
  previous: string
  version: number
  used: boolean
}
export interface Attestation {
  attester: string
  level: number
  attested_at: string
  expires_at: string
}
export interface Attester {
  attester: string
  levels: number[]
  active: boolean
}
export interface Rotation {
  creator: string
  new_controller: string
  requested_at: string
  ready_at: string
  expires_at: string
}

/** The creator that an account controls now. */
export const creatorOf = async (controller: string): Promise<Creator | undefined> =>
  (await restOr<{ creator: Creator }>(`/streamchain/content/v1/controllers/${segment(controller)}/creator`))?.creator

export const workOf = async (work: string): Promise<ChainWork> => (await rest<{ work: ChainWork }>(`/streamchain/content/v1/works/${segment(work)}`)).work

export const splitOf = (subject: string): Promise<Split> => rest(`/streamchain/revenue/v1/splits/${segment(subject)}`)

export const derivationOf = (work: string): Promise<Derivation> => rest(`/streamchain/revenue/v1/derivations/${segment(work)}`)

export const escrowOf = async (root: string): Promise<Escrow | undefined> =>
  (await restOr<{ escrow: Escrow }>(`/streamchain/storage/v1/works/${segment(root)}/escrow`))?.escrow

export const dealsOf = async (work: string): Promise<Deal[]> => (await rest<{ deals?: Deal[] }>(`/streamchain/storage/v1/works/${segment(work)}/deals`)).deals ?? []

export const payoutsOf = async (recipient: string): Promise<Payout[]> => (await rest<{ payouts?: Payout[] }>(`/streamchain/revenue/v1/payouts/${segment(recipient)}`)).payouts ?? []

export const claimableOf = async (recipient: string): Promise<Coins[]> => (await rest<{ coins?: Coins[] }>(`/streamchain/revenue/v1/claimable/${segment(recipient)}`)).coins ?? []

export const rotationOf = async (creator: string): Promise<Rotation | undefined> =>
  (await restOr<{ rotation: Rotation }>(`/streamchain/content/v1/creators/${segment(creator)}/rotation`))?.rotation

const PAGE = 100
/** All rows of a list that has few; at most ten pages. */
export async function all<K extends string, T>(path: string, key: K, query: Record<string, string> = {}): Promise<T[]> {
  const out: T[] = []
  let next: string | undefined
  for (let i = 0; i < 10; i++) {
    const answer = await rest<{ [name: string]: unknown; pagination?: { next_key?: string | null } }>(path, { ...query, 'pagination.limit': PAGE, 'pagination.key': next })
    out.push(...((answer[key] as T[] | undefined) ?? []))
    next = answer.pagination?.next_key ?? undefined
    if (!next) break
  }
  return out
}

export const templates = (): Promise<Template[]> => all('/streamchain/subscription/v1/templates', 'templates')

export const providers = async (): Promise<Provider[]> =>
  (await all<'providers', Provider>('/streamchain/storage/v1/providers', 'providers')).filter((one) => one.status === 'PROVIDER_STATUS_ACTIVE')

const NANO = 1_000_000_000n
const DAY = 86_400n
const GIB = 1n << 30n

/** For how many seconds a work is paid: what its escrow has, by what its copies cost; undefined where nothing runs. */
export function fundedSeconds(escrow: Escrow | undefined): number | undefined {
  if (!escrow || BigInt(escrow.rate) === 0n) return undefined
  return Number((BigInt(escrow.balance) > 0n ? BigInt(escrow.balance) : 0n) / BigInt(escrow.rate))
}

/** What an escrow has, in base units; the chain counts it a billion times finer. */
export const funded = (escrow: Escrow | undefined): bigint => (escrow ? BigInt(escrow.balance) / NANO : 0n)

/** What keeping so many bytes costs, in base units, rounded up for each copy: prices are of a GiB and a day. */
export function storageCost(prices: (string | bigint)[], bytes: number, days: number): bigint {
  return prices.reduce<bigint>((sum, price) => {
    const rate = (BigInt(price) * BigInt(bytes) * NANO) / (GIB * DAY)
    return sum + (rate * BigInt(days) * DAY) / NANO + 1n
  }, 0n)
}
