import { m } from '../../lib/i18n'
import type { Dispute } from '../../lib/work'

const key = (text: string): string => text.replace(/^(KIND|STATUS|RULING|CHOICE)_/, '').toLowerCase().replace(/_/g, '-')

export function disputeKind(kind: string): string {
  const names: Record<string, () => string> = {
    infringement: m.dispute_infringement,
    impersonation: m.dispute_impersonation,
    refund: m.dispute_refund,
    split: m.dispute_split,
    'illegal-content': m.dispute_illegal,
    'provider-fault': m.dispute_provider,
  }
  return names[key(kind)]?.() ?? kind
}

export function disputeState(dispute: Dispute): string {
  const ruling = key(dispute.ruling ?? '')
  if (key(dispute.status) === 'closed') return ruling.startsWith('uph') ? m.dispute_upheld() : ruling.startsWith('dism') ? m.dispute_dismissed() : m.dispute_closed()
  const names: Record<string, () => string> = { evidence: m.dispute_evidence, drawing: m.dispute_drawing, commit: m.dispute_commit, reveal: m.dispute_reveal, appeal: m.dispute_appeal }
  return names[key(dispute.status)]?.() ?? dispute.status
}
