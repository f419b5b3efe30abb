import type { Msg } from '@streamchain/sdk'
import type { ChainClient, Estimate, TxResult } from '@streamchain/sdk/chain'
import type { Line } from '@streamchain/sdk/wallet'
import { chainConfig } from './api'
import { Cancelled } from './errors'
import type { Coin } from './format'
import { m } from './i18n'
import { sheets } from './sheets.svelte'
import { toasts } from './toast.svelte'
import { wallets, type Purpose } from './wallet.svelte'
import { txPath } from './work'

/** What a transaction did, once a block has it. */
export type Sent = TxResult

type State = 'measuring' | 'ready' | 'sending' | 'failed'

/** One request for a signature, as the sheet shows it. */
export interface SignRequest {
  title: string
  state: State
  lines?: Line[]
  fee?: Coin
  granter?: string
  chainId?: string
  error?: unknown
}

export interface SendOptions {
  /** What the sheet is called: the deed in a few words. */
  title: string
  /** What the message afterwards says; 'Done.' without it, nothing where it is empty. */
  done?: string
  purpose?: Purpose
}

class Signing {
  request = $state.raw<SignRequest>()
  #answer: ((yes: boolean) => void) | undefined
  #measure: (() => Promise<void>) | undefined

  set(part: Partial<SignRequest>): void {
    if (this.request) this.request = { ...this.request, ...part }
  }
  open(title: string, measure: () => Promise<void>): void {
    this.request = { title, state: 'measuring' }
    this.#measure = measure
    sheets.signing = true
  }
  close(): void {
    this.request = undefined
    this.#answer = undefined
    this.#measure = undefined
    sheets.signing = false
  }
  ask(): Promise<boolean> {
    return new Promise((resolve) => (this.#answer = resolve))
  }
  approve(): void {
    this.#answer?.(true)
  }
  decline(): void {
    this.#answer?.(false)
  }
  /** Measures again after something went wrong. */
  again(): void {
    void this.#measure?.()
  }
}
export const signing = new Signing()

/** Requests wait for each other: two sheets at once would be signed unread. */
let tail: Promise<unknown> = Promise.resolve()

/**
 * Shows what is signed in plain words and what it costs, signs, sends, and waits for the block. Makes, unlocks or connects a wallet before where that is
 * needed. Rejects with Cancelled when the person said no; what the chain or the network refuses is shown in the sheet and may be tried again from there.
 */
export function send(messages: Msg[] | ((address: string) => Msg[] | Promise<Msg[]>), options: SendOptions): Promise<Sent> {
  const run = tail.then(() => sendOne(messages, options))
  tail = run.catch(() => undefined)
  return run
}

async function sendOne(messages: Msg[] | ((address: string) => Msg[] | Promise<Msg[]>), options: SendOptions): Promise<Sent> {
  const wallet = await wallets.require(options.purpose ?? 'pay')
  const made = typeof messages === 'function' ? await messages(wallet.address) : messages
  let granter = wallets.granter
  let estimate: Estimate | undefined

  const measure = async (): Promise<void> => {
    signing.set({ state: 'measuring', error: undefined })
    try {
      const [{ describe }, client, config] = await Promise.all([import('@streamchain/sdk/wallet'), chain(), chainConfig()])
      const lines = await describe(made)
      signing.set({ chainId: config.chain_id, lines })
      granter = wallets.granter
      let quote: Estimate
      try {
        quote = await client.estimate(wallet, made, granter ? { granter } : {})
      } catch (error) {
        // a sponsor pays for first steps only: what it does not pay for, the wallet's own coins may
        if (!granter || !wallets.balance) throw error
        quote = await client.estimate(wallet, made, {}).catch(() => Promise.reject(error))
        granter = undefined
      }
      estimate = quote
      signing.set({ fee: quote.fee, ...(granter ? { granter } : {}), state: 'ready' })
    } catch (error) {
      signing.set({ error, state: 'failed' })
    }
  }
  signing.open(options.title, measure)
  void measure()

  try {
    for (;;) {
      if (!(await signing.ask())) throw new Cancelled()
      if (!estimate) continue
      signing.set({ state: 'sending', error: undefined })
      try {
        const client = await chain()
        const fee = { gas: estimate.gas, amount: [estimate.fee], ...(granter ? { granter } : {}) }
        const sent = await client.tx(wallet, made, { fee })
        const done = options.done ?? m.sign_done()
        if (done) toasts.show(done, { tone: 'good', href: txPath(sent.hash), link: m.receipt_title() })
        void wallets.refresh()
        return sent
      } catch (error) {
        signing.set({ error, state: 'failed' })
      }
    }
  } finally {
    signing.close()
  }
}

let client: { key: string; promise: Promise<ChainClient> } | undefined

/** The chain's client, connected once; again after the endpoint was changed or the connection could not be made. */
export async function chain(): Promise<ChainClient> {
  const { rpc, chain_id: chainId, gas_price: gasPrice } = await chainConfig()
  const key = `${rpc} ${chainId}`
  if (client?.key !== key) {
    const promise = import('@streamchain/sdk/chain').then(({ ChainClient }) => ChainClient.connect({ rpc, chainId, gasPrice }))
    client = { key, promise }
    promise.catch(() => (client = undefined))
  }
  return client.promise
}
