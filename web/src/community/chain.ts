import { rest, restOr, segment } from '../lib/rest'

/** What the chain says of proposals, stake and the council, in the shape in which its REST endpoint says it; only what the pages show. */

export interface Coins {
  denom: string
  amount: string
}
export interface ChainMessage {
  '@type': string
  [field: string]: unknown
}
export interface Proposal {
  id: string
  title: string
  summary: string
  proposer: string
  status: string
  expedited: boolean
  failed_reason: string
  metadata: string
  messages: ChainMessage[]
  submit_time: string
  deposit_end_time: string | null
  voting_start_time: string | null
  voting_end_time: string | null
  total_deposit: Coins[]
  final_tally_result: { yes_count: string; abstain_count: string; no_count: string; no_with_veto_count: string }
}
export interface Rule {
  track: string
  approval_bps: number
  turnout_bps: number
  timelock_seconds: string
  house: boolean
}
export interface Outlook {
  rule: Rule
  tally: { yes: string; no: string; veto: string; abstain: string; bonded: string; delegated: string }
  met: boolean
  house: { seats: string; voted: string; yes: string; against: string; abstain: string; binding: boolean; met: boolean }
}
export interface Enactment {
  id: string
  messages: ChainMessage[]
  enacted_at: string
  execute_at: string
  closed_at: string
  status: string
  failure: { message: number; codespace: string; code: number } | null
}
export interface Delegation {
  delegator: string
  delegate: string
  track: string
}
export interface Pause {
  type_url: string
  votes: { member: string; seconds: string; voted_at: string; reason: string }[]
  paused_until: string
  cooldown_until: string
}
export interface Validator {
  operator_address: string
  tokens: string
  status: string
  jailed: boolean
  description: { moniker: string; details: string; website: string }
  commission: { commission_rates: { rate: string; max_rate: string } }
}
interface Paged {
  pagination?: { next_key?: string | null; total?: string }
}

/** A page of a list of the chain as the app pages lists. */
export const page = <T>(items: T[] | undefined, answer: Paged): { items: T[]; cursor?: string } => ({
  items: items ?? [],
  ...(answer.pagination?.next_key ? { cursor: answer.pagination.next_key } : {}),
})

export const seconds = (iso: string | null | undefined): number => (iso ? Math.floor(Date.parse(iso) / 1000) : 0)
/** The chain writes '0' for what is not set. */
export const unix = (text: string | undefined): number => Number(text ?? 0)

export async function proposals(status: string, cursor?: string): Promise<{ items: Proposal[]; cursor?: string }> {
  const answer = await rest<{ proposals: Proposal[] } & Paged>('/cosmos/gov/v1/proposals', {
    proposal_status: status || undefined,
    'pagination.limit': 20,
    'pagination.reverse': 'true',
    'pagination.key': cursor,
  })
  return page(answer.proposals, answer)
}
export const proposal = async (id: string): Promise<Proposal> => (await rest<{ proposal: Proposal }>(`/cosmos/gov/v1/proposals/${segment(id)}`)).proposal
/** How the votes stand against what the proposal needs; only while it can be voted on. */
export const outlook = (id: string): Promise<Outlook | undefined> => restOr<Outlook>(`/streamchain/governance/v1/proposals/${segment(id)}/outlook`)
export const rules = async (): Promise<Rule[]> => (await rest<{ rules: Rule[] }>('/streamchain/governance/v1/rules')).rules
export async function myVote(id: string, voter: string): Promise<string | undefined> {
  try {
    const { vote } = await rest<{ vote: { options: { option: string }[] } }>(`/cosmos/gov/v1/proposals/${segment(id)}/votes/${segment(voter)}`)
    return vote.options[0]?.option
  } catch (error) {
    if ([400, 404, 500].includes((error as { status?: number }).status ?? 0)) return undefined
    throw error
  }
}
export async function enactments(cursor?: string): Promise<{ items: Enactment[]; cursor?: string }> {
  const answer = await rest<{ enactments: Enactment[] } & Paged>('/streamchain/governance/v1/enactments', { 'pagination.limit': 20, 'pagination.reverse': 'true', 'pagination.key': cursor })
  return page(answer.enactments, answer)
}
export const delegations = async (address: string): Promise<Delegation[]> =>
  (await rest<{ delegations?: Delegation[] }>(`/streamchain/governance/v1/delegators/${segment(address)}/delegations`)).delegations ?? []
export const delegators = async (address: string): Promise<Delegation[]> =>
  (await rest<{ delegations?: Delegation[] }>(`/streamchain/governance/v1/delegates/${segment(address)}/delegators`, { 'pagination.limit': 100 })).delegations ?? []
export async function council(): Promise<{ members: string[]; pauses: Pause[] }> {
  const answer = await rest<{ council?: { members?: string[] }; pauses?: Pause[] }>('/streamchain/governance/v1/council')
  return { members: answer.council?.members ?? [], pauses: answer.pauses ?? [] }
}
export async function house(): Promise<{ seats: { creator: string; taken_at: string; expires_at: string }[]; total: number }> {
  const answer = await rest<{ seats?: { creator: string; taken_at: string; expires_at: string }[]; total?: string }>('/streamchain/governance/v1/house', { 'pagination.limit': 100 })
  return { seats: answer.seats ?? [], total: Number(answer.total ?? 0) }
}

/** The account of a module of the chain; `governance` holds the treasury and is the authority of every module, `gov` runs proposals. */
const accounts = new Map<string, Promise<string>>()
export function moduleAccount(name: 'gov' | 'governance'): Promise<string> {
  const asked =
    accounts.get(name) ??
    rest<{ account: { base_account?: { address: string }; value?: { address: string } } }>(`/cosmos/auth/v1beta1/module_accounts/${name}`).then(
      ({ account }) => account.base_account?.address ?? account.value?.address ?? '',
    )
  accounts.set(name, asked)
  asked.catch(() => accounts.delete(name))
  return asked
}

export interface GovParams {
  min_deposit: Coins[]
  expedited_min_deposit: Coins[]
  voting_period: string
  max_deposit_period: string
}
export const govParams = async (): Promise<GovParams> => (await rest<{ params: GovParams }>('/cosmos/gov/v1/params/voting')).params
/** '172800s' in seconds. */
export const durationOf = (text: string): number => Number(/^(\d+)/.exec(text)?.[1] ?? 0)

export async function validators(): Promise<Validator[]> {
  const all: Validator[] = []
  let key: string | undefined
  do {
    const answer = await rest<{ validators: Validator[] } & Paged>('/cosmos/staking/v1beta1/validators', { 'pagination.limit': 100, 'pagination.key': key })
    all.push(...answer.validators)
    key = answer.pagination?.next_key ?? undefined
  } while (key && all.length < 500)
  return all.sort((a, b) => (BigInt(b.tokens) > BigInt(a.tokens) ? 1 : -1))
}
/** '0.100000000000000000' in basis points. */
export const rateBps = (rate: string): number => {
  const [whole, fraction = ''] = rate.split('.')
  return Number(BigInt(whole! + fraction.padEnd(4, '0').slice(0, 4)))
}

export interface Staked {
  validator: string
  amount: bigint
  reward: bigint
}
export interface Unbonding {
  validator: string
  amount: bigint
  until: number
}
export interface Stake {
  staked: Staked[]
  unbonding: Unbonding[]
  total: bigint
  rewards: bigint
}

/** Decimal text of reward coins, rounded down to base units. */
const floorUnits = (text: string | undefined): bigint => BigInt((text ?? '0').split('.')[0] || '0')

export async function stakeOf(address: string): Promise<Stake> {
  const [bonded, unbonding, earned] = await Promise.all([
    rest<{ delegation_responses?: { delegation: { validator_address: string }; balance: Coins }[] }>(`/cosmos/staking/v1beta1/delegations/${segment(address)}`, { 'pagination.limit': 100 }),
    rest<{ unbonding_responses?: { validator_address: string; entries: { completion_time: string; balance: string }[] }[] }>(
      `/cosmos/staking/v1beta1/delegators/${segment(address)}/unbonding_delegations`,
      { 'pagination.limit': 100 },
    ),
    rest<{ rewards?: { validator_address: string; reward: Coins[] }[] }>(`/cosmos/distribution/v1beta1/delegators/${segment(address)}/rewards`),
  ])
  const reward = new Map((earned.rewards ?? []).map((r) => [r.validator_address, floorUnits(r.reward.find((c) => c.denom === 'ustream')?.amount)]))
  const staked = (bonded.delegation_responses ?? []).map((d) => ({
    validator: d.delegation.validator_address,
    amount: BigInt(d.balance.amount),
    reward: reward.get(d.delegation.validator_address) ?? 0n,
  }))
  return {
    staked,
    unbonding: (unbonding.unbonding_responses ?? []).flatMap((u) => u.entries.map((e) => ({ validator: u.validator_address, amount: BigInt(e.balance), until: seconds(e.completion_time) }))),
    total: staked.reduce((sum, s) => sum + s.amount, 0n),
    rewards: staked.reduce((sum, s) => sum + s.reward, 0n),
  }
}

export interface Tier {
  tier: string
  least: string
  discount_bps: number
}
export async function tiers(): Promise<Tier[]> {
  const { economics } = await rest<{ economics: { tiers: Tier[] } }>('/streamchain/stream/v1/economics')
  return economics.tiers
}
export const standing = async (address: string): Promise<{ tier: string; bonded: string; discount_bps: number }> =>
  (await rest<{ standing: { tier: string; bonded: string; discount_bps: number } }>(`/streamchain/stream/v1/tiers/${segment(address)}`)).standing

export async function balance(address: string): Promise<bigint> {
  const answer = await rest<{ balance?: { amount?: string } }>(`/cosmos/bank/v1beta1/balances/${segment(address)}/by_denom`, { denom: 'ustream' })
  return BigInt(answer.balance?.amount ?? '0')
}

export interface Flow {
  id: string
  sender: string
  recipient: string
  denom: string
  rate_amount: string
  rate_seconds: string
  balance: string
  accrued: string
  starts_at: string
  paused: boolean
}
export async function flowsFrom(address: string): Promise<Flow[]> {
  return (await rest<{ flows?: Flow[] }>(`/streamchain/stream/v1/senders/${segment(address)}/flows`, { 'pagination.limit': 100 })).flows ?? []
}
