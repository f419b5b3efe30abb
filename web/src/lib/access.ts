import { rest, segment } from './rest'
import { readDecision, type Decision } from './rights'

/** The chain's decision for a viewer (none: somebody without an account) and a work, with what each way in costs now. */
export async function decide(work: string, viewer?: string): Promise<Decision> {
  const { decision } = await rest<{ decision: unknown }>(`/streamchain/subscription/v1/works/${segment(work)}/access`, { viewer })
  return readDecision(decision)
}
