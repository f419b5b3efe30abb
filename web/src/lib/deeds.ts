import { coin, type Coin } from './format'
import { m } from './i18n'
import { rest } from './rest'
import { send, type Sent } from './send.svelte'

/** What a dispute can be about, from the pages of works. */
export type DisputeKind = 'infringement' | 'illegal-content' | 'impersonation' | 'split'

const core = () => import('@streamchain/sdk')
const shop = () => import('@streamchain/sdk/gen/streamchain/subscription/v1/tx.js')
const streams = () => import('@streamchain/sdk/gen/streamchain/stream/v1/tx.js')

interface Bought {
  work: string
  /** What is paid at most: the price that was seen, so that it cannot have changed meanwhile. */
  price: Coin
  /** Who gets it; empty: the buyer. */
  recipient: string
  title: string
}
interface Subscribed {
  price: Coin
  periods: number
  renewals: number
  recipient: string
  title: string
}

/** What viewers do on the chain. Each shows what is signed; each rejects with Cancelled when the person said no. */
export const deeds = {
  async buy({ work, price, pay, recipient, title }: Bought & { pay?: Coin }): Promise<Sent> {
    const [{ msg }, { MsgPurchase }] = await Promise.all([core(), shop()])
    return send((buyer) => [msg(MsgPurchase, { buyer, work, maxPrice: price, recipient, ...(pay ? { pay } : {}) })], { title: m.checkout_buy({ title }), done: m.done_bought({ title }) })
  },

  async rent({ work, price, seconds, recipient, title }: Bought & { seconds: number }): Promise<Sent> {
    const [{ msg }, { MsgRent }] = await Promise.all([core(), shop()])
    return send((renter) => [msg(MsgRent, { renter, work, durationSeconds: BigInt(seconds), maxPrice: price, recipient })], { title: m.checkout_rent({ title }), done: m.done_rented({ title }) })
  },

  async buyByTemplate({ work, price, pay, recipient, title }: Bought & { pay?: Coin }): Promise<Sent> {
    const [{ msg }, { MsgPurchaseByTemplate }, { list }] = await Promise.all([
      core(),
      shop(),
      rest<{ list: { version: string } }>(`/streamchain/subscription/v1/${work.includes('/') ? 'collections' : 'works'}/${work}/offers`),
    ])
    return send((buyer) => [msg(MsgPurchaseByTemplate, { buyer, work, maxPrice: price, offersVersion: BigInt(list.version), recipient, ...(pay ? { pay } : {}) })], { title: m.checkout_buy({ title }), done: m.done_bought({ title }) })
  },

  async subscribe({ plan, price, periods, renewals, recipient, title }: Subscribed & { plan: string }): Promise<Sent> {
    const [{ msg }, { MsgSubscribe }] = await Promise.all([core(), shop()])
    return send((subscriber) => [msg(MsgSubscribe, { subscriber, plan, maxPrice: price, periods, renewals, recipient })], { title: m.checkout_subscribe({ title }), done: m.done_subscribed() })
  },

  async subscribePass({ pass, price, periods, renewals, recipient, title }: Subscribed & { pass: string }): Promise<Sent> {
    const [{ msg }, { MsgSubscribePass }] = await Promise.all([core(), import('@streamchain/sdk/gen/streamchain/subscription/v1/pass.js')])
    return send((subscriber) => [msg(MsgSubscribePass, { subscriber, pass, maxPrice: price, periods, renewals, recipient })], { title: m.checkout_subscribe({ title }), done: m.done_subscribed() })
  },

  async setRenewal({ plan, maxPrice, renewals, title }: { plan: string; maxPrice: Coin; renewals: number; title: string }): Promise<Sent> {
    const [{ msg }, { MsgSetRenewal }] = await Promise.all([core(), shop()])
    return send((payer) => [msg(MsgSetRenewal, { payer, plan, maxPrice, renewals })], { title: renewals > 0 ? m.do_renew({ title }) : m.do_not_renew({ title }) })
  },

  /** Ends a subscription; answers what the chain gave back and what stayed with the creator, in base units. */
  async cancel({ plan, title }: { plan: string; title: string }): Promise<{ refunded: string; kept: string } | undefined> {
    const [{ msg }, { MsgCancel, MsgCancelResponse }, { ChainClient }] = await Promise.all([core(), shop(), import('@streamchain/sdk/chain')])
    const sent = await send((viewer) => [msg(MsgCancel, { viewer, plan })], { title: m.subs_cancel_title({ title }), done: '' })
    const answer = ChainClient.response(sent, MsgCancelResponse)
    return answer?.refunded && answer.kept ? { refunded: answer.refunded.amount, kept: answer.kept.amount } : undefined
  },

  async tip({ subject, amount, memo, name }: { subject: string; amount: Coin; memo: string; name: string }): Promise<Sent> {
    const [{ msg }, { MsgTip }] = await Promise.all([core(), streams()])
    return send((payer) => [msg(MsgTip, { payer, subject, amount, memo })], { title: m.tip_title({ name }), done: m.done_tipped({ amount: coin(amount) }) })
  },

  async deposit({ amount }: { amount: Coin }): Promise<Sent> {
    const [{ msg }, { MsgDeposit }] = await Promise.all([core(), streams()])
    return send((owner) => [msg(MsgDeposit, { owner, amount })], { title: m.wallet_deposit() })
  },

  async withdraw({ amount }: { amount: Coin }): Promise<Sent> {
    const [{ msg }, { MsgWithdraw }] = await Promise.all([core(), streams()])
    return send((owner) => [msg(MsgWithdraw, { owner, amount })], { title: m.wallet_withdraw() })
  },

  async sendCoins({ to, amount }: { to: string; amount: Coin }): Promise<Sent> {
    const [{ msg }, { MsgSend }] = await Promise.all([core(), import('@streamchain/sdk/gen/cosmos/bank/v1beta1/tx.js')])
    return send((fromAddress) => [msg(MsgSend, { fromAddress, toAddress: to, amount: [amount] })], { title: m.wallet_send() })
  },

  async revokeKey({ pubkey }: { pubkey: string }): Promise<Sent> {
    const [{ msg }, { MsgRevokeSessionKey }] = await Promise.all([core(), streams()])
    const bytes = Uint8Array.from(atob(pubkey), (letter) => letter.charCodeAt(0))
    return send((owner) => [msg(MsgRevokeSessionKey, { owner, pubkey: bytes })], { title: m.keys_revoke() })
  },

  /** Lets the key of this device pay and open for the wallet, and puts STREAM aside for it. */
  async authorizePlaying({ grant, deposit }: { grant?: { pubkey: Uint8Array; limit: bigint; expires: number; scope: 'access' | 'payment-and-access' }; deposit?: bigint }): Promise<Sent> {
    const [{ msg, ustream }, { MsgGrantSessionKey, MsgDeposit }, { SessionKeyScope }] = await Promise.all([core(), streams(), import('@streamchain/sdk/gen/streamchain/stream/v1/key.js')])
    return send(
      (owner) => [
        ...(grant
          ? [
              msg(MsgGrantSessionKey, {
                owner,
                pubkey: grant.pubkey,
                limit: ustream(grant.limit),
                expires: BigInt(grant.expires),
                scope: grant.scope === 'access' ? SessionKeyScope.SESSION_KEY_SCOPE_ACCESS : SessionKeyScope.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
              }),
            ]
          : []),
        ...(deposit ? [msg(MsgDeposit, { owner, amount: ustream(deposit) })] : []),
      ],
      { title: m.play_sign_title(), done: '', purpose: 'watch' },
    )
  },

  /** What opening a dispute of a kind takes now, in base units. */
  async disputeBond(kind: DisputeKind): Promise<{ bond: string; interim: string }> {
    const { params } = await rest<{ params: { terms: { kind: string; bond: string; interim_bond: string }[] } }>('/streamchain/dispute/v1/params')
    const name = `KIND_${kind.toUpperCase().replace(/-/g, '_')}`
    const terms = params.terms.find((one) => one.kind === name)
    if (!terms) throw new Error(`the chain knows no disputes of this kind: ${kind}`)
    return { bond: terms.bond, interim: terms.interim_bond === '0' ? '' : terms.interim_bond }
  },

  async openDispute({ kind, subject, evidence, bond, interim }: { kind: DisputeKind; subject: string; evidence: string; bond: string; interim: boolean }): Promise<Sent> {
    const [{ msg }, { MsgOpenDispute }, { Kind }] = await Promise.all([core(), import('@streamchain/sdk/gen/streamchain/dispute/v1/tx.js'), import('@streamchain/sdk/gen/streamchain/dispute/v1/params.js')])
    const kinds: Record<DisputeKind, number> = {
      infringement: Kind.KIND_INFRINGEMENT,
      'illegal-content': Kind.KIND_ILLEGAL_CONTENT,
      impersonation: Kind.KIND_IMPERSONATION,
      split: Kind.KIND_SPLIT,
    }
    return send((claimant) => [msg(MsgOpenDispute, { claimant, kind: kinds[kind], subject, evidence, bond, interim, amount: '0' })], { title: m.report_title(), done: m.done_reported() })
  },
}
