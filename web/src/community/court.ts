import { coin, duration } from '../lib/format'
import { m } from '../lib/i18n'
import { rest, restOr, segment } from '../lib/rest'
import { page } from './chain'

/** The court of the chain, in the shape in which its REST endpoint says it. */
export interface Terms {
  kind: string
  bond: string
  interim_bond: string
  evidence_seconds: string
  commit_seconds: string
  reveal_seconds: string
  appeal_seconds: string
  seat_fee: string
  seat_stake: string
}
export interface Round {
  seats: number
  terms: Terms
  bond: string
  appellant: string
  drawn: number
  jurors: number
  committed: number
  revealed: number
  uphold: number
  dismiss: number
  ruling: string
}
export interface Dispute {
  id: string
  kind: string
  status: string
  claimant: string
  subject: string
  respondent: string
  responder: string
  bond: string
  counter_bond: string
  interim_bond: string
  interim_until: string
  evidence: { by: string; cid: string; at: string }[]
  contests: { hold_id: string; amount: string; denom: string }[]
  rounds: Round[]
  standing: string
  opened_at: string
  due_at: string
  closed_at: string
  void: boolean
  remedy: { attempts: number; codespace: string; code: number; done: boolean } | null
}
export interface Ballot {
  dispute: string
  round: number
  juror: string
  seats: number
  /** Base64; the chain writes null where nothing is sealed. */
  commit: string | null
  choice: string
}
export interface Duty {
  ballot: Ballot
  status: string
  due_at: string
  current: boolean
}
export interface Notice {
  id: string
  dispute: string
  kind: string
  subject: string
  respondent: string
  action: string
  final: boolean
  at: string
  until: string
}
export interface Juror {
  address: string
  stake: string
  locked: string
  unstaking: string
  unstake_at: string
}
interface Paged {
  pagination?: { next_key?: string | null }
}

export async function disputes(cursor?: string): Promise<{ items: Dispute[]; cursor?: string }> {
  const answer = await rest<{ disputes?: Dispute[] } & Paged>('/streamchain/dispute/v1/disputes', { 'pagination.limit': 20, 'pagination.key': cursor })
  return page(answer.disputes, answer)
}
export const dispute = (id: string): Promise<{ dispute: Dispute; appeal_bond: string }> => rest(`/streamchain/dispute/v1/disputes/${segment(id)}`)
export const ballots = async (id: string, round: number): Promise<Ballot[]> =>
  (await restOr<{ ballots?: Ballot[] }>(`/streamchain/dispute/v1/disputes/${segment(id)}/rounds/${round}/ballots`))?.ballots ?? []
export async function notices(after: string | undefined): Promise<{ items: Notice[]; cursor?: string }> {
  const { notices: items = [] } = await rest<{ notices?: Notice[] }>('/streamchain/dispute/v1/notices', { after: after ?? '0', limit: 50 })
  return { items, ...(items.length === 50 ? { cursor: items.at(-1)!.id } : {}) }
}
export const courtParams = async (): Promise<{ terms: Terms[]; min_stake: string; unstake_seconds: string }> =>
  (await rest<{ params: { terms: Terms[]; min_stake: string; unstake_seconds: string } }>('/streamchain/dispute/v1/params')).params
export const juror = async (address: string): Promise<Juror | undefined> => (await restOr<{ juror: Juror }>(`/streamchain/dispute/v1/jurors/${segment(address)}`))?.juror
export const duties = async (address: string): Promise<Duty[]> =>
  (await rest<{ duties?: Duty[] }>(`/streamchain/dispute/v1/jurors/${segment(address)}/duties`, { 'pagination.limit': 100 })).duties ?? []
export const owed = async (address: string): Promise<bigint> => BigInt((await rest<{ amount?: string }>(`/streamchain/dispute/v1/accounts/${segment(address)}/owed`)).amount ?? '0')

export function kindName(kind: string): string {
  const names: Record<string, () => string> = {
    KIND_INFRINGEMENT: m.community_kind_infringement,
    KIND_IMPERSONATION: m.community_kind_impersonation,
    KIND_REFUND: m.community_kind_refund,
    KIND_SPLIT: m.community_kind_split,
    KIND_ILLEGAL_CONTENT: m.community_kind_illegal,
    KIND_PROVIDER_FAULT: m.community_kind_provider,
  }
  return (names[kind] ?? (() => kind))()
}
/** What upholding a claim of a kind does. */
export function remedyOf(kind: string): string {
  const names: Record<string, () => string> = {
    KIND_INFRINGEMENT: m.community_remedy_restrict,
    KIND_IMPERSONATION: m.community_remedy_handle,
    KIND_REFUND: m.community_remedy_refund,
    KIND_SPLIT: m.community_remedy_split,
    KIND_ILLEGAL_CONTENT: m.community_remedy_restrict,
    KIND_PROVIDER_FAULT: m.community_remedy_slash,
  }
  return (names[kind] ?? (() => ''))()
}
export const steps = ['STATUS_EVIDENCE', 'STATUS_DRAWING', 'STATUS_COMMIT', 'STATUS_REVEAL', 'STATUS_APPEAL', 'STATUS_CLOSED']
export function stepName(status: string): string {
  const names: Record<string, () => string> = {
    STATUS_EVIDENCE: m.community_step_evidence,
    STATUS_DRAWING: m.community_step_drawing,
    STATUS_COMMIT: m.community_step_commit,
    STATUS_REVEAL: m.community_step_reveal,
    STATUS_APPEAL: m.community_step_appeal,
    STATUS_CLOSED: m.community_step_closed,
  }
  return (names[status] ?? (() => status))()
}
export function choiceName(choice: string): string {
  return choice === 'CHOICE_UPHOLD' ? m.community_upheld() : choice === 'CHOICE_DISMISS' ? m.community_dismissed() : m.community_no_ruling()
}
export function actionName(action: string): string {
  const names: Record<string, () => string> = {
    ACTION_OPENED: m.community_notice_opened,
    ACTION_UPHELD: m.community_notice_upheld,
    ACTION_DISMISSED: m.community_notice_dismissed,
    ACTION_RESTRICTED: m.community_notice_restricted,
    ACTION_RESTORED: m.community_notice_restored,
    ACTION_EXECUTED: m.community_notice_executed,
  }
  return (names[action] ?? (() => action))()
}
/** Where what a dispute is about can be seen in this app. */
export function subjectHref(d: { kind: string; subject: string }): string | undefined {
  if (d.subject.startsWith('bafy')) return `/work/${d.subject}`
  if (d.subject.startsWith('streamcreator1')) return `/creator/${d.subject}`
  if (d.kind === 'KIND_PROVIDER_FAULT') return `/network/nodes/${d.subject}`
  return undefined
}
export const seatCost = (t: Terms): string =>
  m.community_seat_cost({
    fee: coin({ denom: 'ustream', amount: t.seat_fee }),
    stake: coin({ denom: 'ustream', amount: t.seat_stake }),
    none: coin({ denom: 'ustream', amount: ((BigInt(t.seat_stake) * 3n) / 2n).toString() }),
  })
export const termsLine = (t: Terms): string =>
  m.community_terms({ evidence: duration(Number(t.evidence_seconds)), commit: duration(Number(t.commit_seconds)), reveal: duration(Number(t.reveal_seconds)), appeal: duration(Number(t.appeal_seconds)) })
