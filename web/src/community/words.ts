import { coin, duration, percent, short } from '../lib/format'
import { m } from '../lib/i18n'
import type { ChainMessage, Coins, Proposal, Rule } from './chain'

/** 'TRACK_FEES_AND_COURT' in words. */
export function trackName(track: string): string {
  const names: Record<string, () => string> = {
    TRACK_UNSPECIFIED: m.community_track_text,
    TRACK_UPGRADE: m.community_track_upgrade,
    TRACK_FEES_AND_COURT: m.community_track_fees,
    TRACK_CONTENT_POLICY: m.community_track_content,
    TRACK_PARAMETERS: m.community_track_parameters,
    TRACK_TREASURY: m.community_track_treasury,
    TRACK_SAFETY: m.community_track_safety,
  }
  return (names[track] ?? (() => track))()
}

/** The tracks that a vote can be lent on, with what each decides. */
export const tracks: { track: string; text: () => string }[] = [
  { track: 'TRACK_UPGRADE', text: m.community_track_upgrade_text },
  { track: 'TRACK_FEES_AND_COURT', text: m.community_track_fees_text },
  { track: 'TRACK_CONTENT_POLICY', text: m.community_track_content_text },
  { track: 'TRACK_PARAMETERS', text: m.community_track_parameters_text },
  { track: 'TRACK_TREASURY', text: m.community_track_treasury_text },
  { track: 'TRACK_SAFETY', text: m.community_track_safety_text },
]

/** What the rule of a track asks for, one sentence for each. */
export function ruleLines(rule: Rule): string[] {
  if (rule.track === 'TRACK_UNSPECIFIED') return [m.community_rule_text()]
  const wait = Number(rule.timelock_seconds)
  return [
    m.community_rule_approval({ share: percent(rule.approval_bps) }),
    m.community_rule_turnout({ share: percent(rule.turnout_bps) }),
    ...(rule.house ? [m.community_rule_house()] : []),
    wait > 0 ? m.community_rule_wait({ time: duration(wait) }) : m.community_rule_nowait(),
  ]
}

export function statusName(status: string): string {
  const names: Record<string, () => string> = {
    PROPOSAL_STATUS_DEPOSIT_PERIOD: m.community_status_deposit,
    PROPOSAL_STATUS_VOTING_PERIOD: m.community_status_voting,
    PROPOSAL_STATUS_PASSED: m.community_status_passed,
    PROPOSAL_STATUS_REJECTED: m.community_status_rejected,
    PROPOSAL_STATUS_FAILED: m.community_status_failed,
  }
  return (names[status] ?? (() => status))()
}
export const voting = (p: Proposal): boolean => p.status === 'PROPOSAL_STATUS_VOTING_PERIOD'

export function voteName(option: string): string {
  const names: Record<string, () => string> = {
    VOTE_OPTION_YES: m.community_yes,
    VOTE_OPTION_NO: m.community_no,
    VOTE_OPTION_ABSTAIN: m.community_abstain,
    VOTE_OPTION_NO_WITH_VETO: m.community_veto,
  }
  return (names[option] ?? (() => option))()
}

/** The last part of a message's type: 'MsgUpdateParams'. */
export const typeName = (url: string): string => url.slice(url.lastIndexOf('.') + 1)
/** The module of a message's type: 'revenue'. */
export const moduleOf = (url: string): string => /^\/?(?:streamchain|cosmos)\.(\w+)\./.exec(url)?.[1] ?? url

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const coins = (value: unknown): string =>
  (Array.isArray(value) ? value : [value])
    .filter((c): c is Coins => typeof c === 'object' && c !== null && 'denom' in c)
    .map(coin)
    .join(' + ')

/** One message in a sentence; what is not known is named by its type, and its fields are shown beside it anyway. */
export function sentence(message: ChainMessage): string {
  const url = message['@type']
  switch (typeName(url)) {
    case 'MsgSend':
      return m.community_does_send({ amount: coins(message.amount), to: short(text(message.to_address)) })
    case 'MsgCreateFlow':
      return m.community_does_flow({ amount: coins(message.deposit), to: short(text(message.recipient)), time: duration(Number(message.rate_seconds)) })
    case 'MsgUpdateParams':
      return m.community_does_params({ module: moduleOf(url) })
    case 'MsgSetCouncil':
      return m.community_does_council({ count: Array.isArray(message.members) ? message.members.length : 0 })
    case 'MsgSetAttester':
      return message.active === false ? m.community_does_attester_end({ who: short(text(message.attester)) }) : m.community_does_attester({ who: short(text(message.attester)) })
    case 'MsgPause':
      return m.community_does_pause({ type: typeName(text(message.type_url)), time: duration(Number(message.seconds)) })
    case 'MsgResume':
      return m.community_does_resume({ type: typeName(text(message.type_url)) })
    case 'MsgSoftwareUpgrade':
      return m.community_does_upgrade({ name: text((message.plan as { name?: unknown } | undefined)?.name) })
    case 'MsgCancelEnactment':
      return m.community_does_cancel({ id: text(message.id) })
    default:
      return m.community_does_other({ type: url })
  }
}

/** The messages that a proposal would really run: those inside the timelock's envelope. */
export function inner(p: { messages: ChainMessage[] }): ChainMessage[] {
  return p.messages.flatMap((message) => (typeName(message['@type']) === 'MsgEnact' ? ((message.messages as ChainMessage[] | undefined) ?? []) : [message]))
}

export function enactmentStatus(status: string): string {
  const names: Record<string, () => string> = {
    ENACTMENT_STATUS_QUEUED: m.community_queued,
    ENACTMENT_STATUS_DONE: m.community_done,
    ENACTMENT_STATUS_FAILED: m.community_failed,
    ENACTMENT_STATUS_CANCELLED: m.community_cancelled,
  }
  return (names[status] ?? (() => status))()
}

export function tierName(tier: string): string {
  const names: Record<string, () => string> = {
    TIER_BRONZE: m.community_tier_bronze,
    TIER_SILVER: m.community_tier_silver,
    TIER_GOLD: m.community_tier_gold,
    TIER_PLATINUM: m.community_tier_platinum,
  }
  return (names[tier] ?? m.community_tier_none)()
}
