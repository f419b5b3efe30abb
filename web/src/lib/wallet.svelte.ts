import type { Wallet } from '@streamchain/sdk/wallet'
import { chainConfig } from './api'
import { Cancelled } from './errors'
import { sheets } from './sheets.svelte'
import { isRecord, stored } from './store'

/** Where the key is: in this browser bound to the device, in this browser under a password, or in an extension. */
export type WalletKind = 'device' | 'password' | 'extension'

interface Known {
  kind: WalletKind
  address: string
  backedUp: boolean
  /** The name of the extension that has the key. */
  extension?: string
  /** The sponsor that pays fees, until when (Unix seconds). */
  granter?: string
  granted?: number
}

const known = stored<Known | null>('wallet', null, (value): value is Known | null => value === null || (isRecord(value) && typeof value.address === 'string' && typeof value.kind === 'string'))

/** Why a wallet is asked for, which the sheet says. */
export type Purpose = 'watch' | 'pay' | 'sign'

/**
 * The wallet of this browser as the app knows it without having loaded any of its code: which address, where its key is, what it has.
 * Keys are in `wallet/vault.ts` and only while one is unlocked in `current`.
 */
class Wallets {
  #known = $state.raw<Known | null>(known.get())
  current = $state.raw<Wallet>()
  balance = $state.raw<bigint>()
  purpose = $state<Purpose>('sign')
  #waiting: { resolve: (wallet: Wallet) => void; reject: (error: unknown) => void }[] = []

  constructor() {
    if (this.#known) void this.refresh()
  }

  get kind(): WalletKind | undefined {
    return this.#known?.kind
  }
  get address(): string | undefined {
    return this.#known?.address
  }
  get backedUp(): boolean {
    return this.#known?.backedUp ?? false
  }
  /** A wallet is known, but its key is not unlocked. */
  get locked(): boolean {
    return this.#known !== null && !this.current
  }
  /** Who pays the fees, while the sponsor's grant lasts. */
  get granter(): string | undefined {
    const now = Date.now() / 1000
    return this.#known?.granter && (this.#known.granted ?? 0) > now ? this.#known.granter : undefined
  }

  /** Notes a wallet that was made, restored, unlocked or connected, and lets everybody who waits go on. */
  use(wallet: Wallet, kind: WalletKind, facts: Partial<Known> = {}): void {
    const same = this.#known?.address === wallet.address ? this.#known : undefined
    this.#remember({ ...(same ?? { backedUp: kind === 'extension' }), kind, address: wallet.address, ...facts })
    this.current = wallet
    sheets.wallet = false
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) one.resolve(wallet)
    void this.refresh()
  }

  note(facts: Partial<Pick<Known, 'backedUp' | 'granter' | 'granted'>>): void {
    if (this.#known) this.#remember({ ...this.#known, ...facts })
  }

  #remember(value: Known | null): void {
    this.#known = value
    if (value) known.set(value)
    else known.clear()
  }

  /** The unlocked wallet; opens the sheet that makes, unlocks or connects one where there is none. Rejects with Cancelled when that is closed. */
  async require(purpose: Purpose = 'sign'): Promise<Wallet> {
    if (this.current) return this.current
    if (this.#known?.kind === 'device') {
      try {
        const { unlockDevice } = await import('../wallet/vault')
        const wallet = await unlockDevice()
        this.use(wallet, 'device')
        return wallet
      } catch {
        // The sheet says what is wrong with it.
      }
    }
    if (this.#known?.kind === 'extension') {
      try {
        const { reconnectExtension } = await import('../wallet/extension')
        const wallet = await reconnectExtension(this.#known.extension, this.#known.address)
        this.use(wallet, 'extension')
        return wallet
      } catch {
        // It is locked, or has another account: the sheet offers to connect it.
      }
    }
    this.purpose = purpose
    sheets.wallet = true
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** The sheet was closed without a wallet. */
  giveUp(): void {
    sheets.wallet = false
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) one.reject(new Cancelled())
  }

  lock(): void {
    this.current = undefined
  }

  /** Forgets which wallet this browser used; the caller has removed its key. */
  forget(): void {
    this.current = undefined
    this.balance = undefined
    this.#remember(null)
  }

  /** Asks the chain what the address has. Failing leaves what was known. */
  async refresh(): Promise<void> {
    const address = this.address
    if (!address) return
    try {
      const { rest, denom } = await chainConfig()
      const answer = await fetch(`${rest}/cosmos/bank/v1beta1/balances/${encodeURIComponent(address)}/by_denom?denom=${encodeURIComponent(denom)}`)
      if (!answer.ok) return
      const { balance } = (await answer.json()) as { balance?: { amount?: string } }
      if (address === this.address && /^\d+$/.test(balance?.amount ?? '')) this.balance = BigInt(balance!.amount!)
    } catch {
      // The pages that need it say so.
    }
  }
}

export const wallets = new Wallets()
