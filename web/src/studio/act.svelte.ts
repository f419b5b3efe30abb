import type { Msg } from '@streamchain/sdk'
import { isCancelled } from '../lib/errors'
import { send, type Sent } from '../lib/send.svelte'

type Actions = typeof import('@streamchain/sdk/actions')

/** One thing that a page sends at a time: which button is busy, and what the last one failed with. */
export class Act {
  busy = $state('')
  error = $state.raw<unknown>()

  /** Asks for a signature and sends; what it did once a block has it, undefined when the person said no or it failed. */
  async run(key: string, title: string, make: (actions: Actions, me: string) => { msgs: readonly Msg[] }, done?: string): Promise<Sent | undefined> {
    this.busy = key
    this.error = undefined
    try {
      const actions = await import('@streamchain/sdk/actions')
      return await send((me) => [...make(actions, me).msgs], { title, purpose: 'sign', ...(done ? { done } : {}) })
    } catch (error) {
      if (!isCancelled(error)) this.error = error
      return undefined
    } finally {
      this.busy = ''
    }
  }
}
