import { m } from '../../lib/i18n'
import { creatorPath, workPath } from '../../lib/work'

export function railName(rail: string): string {
  const names: Record<string, () => string> = { purchase: m.rail_purchase, rental: m.rail_rental, plan: m.rail_plan, metered: m.rail_metered, tip: m.rail_tip }
  return names[rail]?.() ?? rail
}

/** The page of what was paid for: a work, a creator (also of a plan or collection of his). */
export function subjectPath(subject: string): string | undefined {
  if (subject.startsWith('bafy')) return workPath(subject)
  if (subject.startsWith('streamcreator1')) return creatorPath(subject.split('/')[0]!)
  return undefined
}
