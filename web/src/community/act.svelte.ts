import type { Msg } from '@streamchain/sdk'
import { isCancelled } from '../lib/errors'
import { send } from '../lib/send.svelte'

/** One thing that a page sends at a time: which button is busy, and what the last one failed with. */
export class Act {
  busy = $state('')
  error = $state.raw<unknown>()

  /** Asks for a signature and sends; true when it is in a block. */
  async run(key: string, title: string, make: (address: string) => Msg[] | Promise<Msg[]>): Promise<boolean> {
    this.busy = key
    this.error = undefined
    try {
      await send(make, { title, purpose: 'sign' })
      return true
    } catch (error) {
      if (!isCancelled(error)) this.error = error
      return false
    } finally {
      this.busy = ''
    }
  }
}
