import { rest, segment } from '../lib/rest'

/** Storage as the chain says it. */
export interface Provider {
  operator: string
  endpoints: string[]
  region: string
  capacity_bytes: string
  committed_bytes: string
  price_per_gib_day: string
  bond: string
  status: string
  registered_at: string
  active_deals: string
  network_prefix: string
}
export interface ProofState {
  set_size: string
  proven: string
  missed: string
  misses: number
  slashed: string
}
export interface Period {
  period: { number: string; phase: string; opened_at: string; reveals: string }
  closes_at: string
  next_at: string
}
export interface Deal {
  work: string
  operator: string
  root: string
  status: string
  piece_size: string
  rate: string
  accepted_at: string
  requested_at: string
}
export interface Repair {
  work: string
  operator: string
  root: string
  piece_size: string
  opened_at: string
  reason: string
}
interface Paged {
  pagination?: { next_key?: string | null }
}

/** All providers, at most 1,000: more than that are counted by discovery, not listed here. */
export async function providers(): Promise<Provider[]> {
  const all: Provider[] = []
  let key: string | undefined
  do {
    const answer = await rest<{ providers?: Provider[] } & Paged>('/streamchain/storage/v1/providers', { 'pagination.limit': 100, 'pagination.key': key })
    all.push(...(answer.providers ?? []))
    key = answer.pagination?.next_key ?? undefined
  } while (key && all.length < 1_000)
  return all
}
export const provider = async (operator: string): Promise<Provider> => (await rest<{ provider: Provider }>(`/streamchain/storage/v1/providers/${segment(operator)}`)).provider
export const proofs = (operator: string): Promise<{ state: ProofState | null; period: string; open: boolean; misses: number }> => rest(`/streamchain/storage/v1/providers/${segment(operator)}/proofs`)
export const period = (): Promise<Period> => rest('/streamchain/storage/v1/period')
export const pool = (): Promise<{ pool: string; median_price: string }> => rest('/streamchain/storage/v1/pool')
export async function dealsOf(operator: string): Promise<Deal[]> {
  return (await rest<{ deals?: Deal[] }>(`/streamchain/storage/v1/providers/${segment(operator)}/deals`, { 'pagination.limit': 100 })).deals ?? []
}
export const copies = (work: string): Promise<{ deals?: Deal[]; copies: number; target_copies: number }> => rest(`/streamchain/storage/v1/works/${segment(work)}/deals`)
export const escrow = (
  root: string,
): Promise<{ escrow: { balance: string; owed: string; rate: string; paid_in: string; from_pool: string }; dry_at: string; serving: { balance: string; paid_today: string; paid_in: string } }> =>
  rest(`/streamchain/storage/v1/works/${segment(root)}/escrow`)
export const repairs = async (work?: string): Promise<Repair[]> => (await rest<{ repairs?: Repair[] }>('/streamchain/storage/v1/repairs', { work, 'pagination.limit': 100 })).repairs ?? []
