// A wallet extension with the standard interface (window.keplr), whose keys are outside of the page, as an extension's are: the page suggests the chain,
// connects, subscribes to a plan, and cancels it; what it says comes back is what the chain paid back, to the unit.
import assert from 'node:assert/strict'
import test from 'node:test'
import { creatorId } from '@streamchain/sdk'
import * as act from '@streamchain/sdk/actions'
import { addressOf } from '@streamchain/sdk/wallet'
import { button, chainId, client, figure, funded, api, person, sign, until, web } from './lib.mjs'

const media = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
const ustream = (text) => {
  const [, whole, part = ''] = /([\d,]+)(?:\.(\d+))? STREAM/.exec(text.replace(/\u00a0/g, ' '))
  return BigInt(whole.replace(/,/g, '')) * 1_000_000n + BigInt(part.padEnd(6, '0'))
}

/** Puts an extension into every page: it asks `wallet` here, and says in `asked` what it was asked. */
const extension = (wallet, asked) => async (context) => {
  const bytes = (list) => Uint8Array.from(list)
  await context.exposeBinding('__extension', async (_, what, argument) => {
    asked.push({ what, argument })
    if (what === 'getKey') return { name: 'Test', algo: 'secp256k1', pubKey: [...wallet.pubkey], address: [], bech32Address: wallet.address, isNanoLedger: false, isKeystone: false }
    if (what === 'signDirect') {
      const { bodyBytes, authInfoBytes, chainId: chain, accountNumber } = argument
      const { signature } = await wallet.signDirect({ bodyBytes: bytes(bodyBytes), authInfoBytes: bytes(authInfoBytes), chainId: chain, accountNumber: BigInt(accountNumber) })
      return { signature: { pub_key: { type: 'tendermint/PubKeySecp256k1', value: Buffer.from(wallet.pubkey).toString('base64') }, signature: Buffer.from(signature).toString('base64') } }
    }
    return null
  })
  await context.addInitScript(() => {
    const ask = (what, argument) => window.__extension(what, argument)
    window.keplr = {
      version: '0.12.0',
      experimentalSuggestChain: async (info) => void (await ask('experimentalSuggestChain', JSON.parse(JSON.stringify(info)))),
      enable: async (chain) => void (await ask('enable', chain)),
      getKey: async (chain) => {
        const key = await ask('getKey', chain)
        return { ...key, pubKey: Uint8Array.from(key.pubKey), address: Uint8Array.from(key.address) }
      },
      signDirect: async (chain, signer, doc) => {
        const { signature } = await ask('signDirect', { signer, bodyBytes: [...doc.bodyBytes], authInfoBytes: [...doc.authInfoBytes], chainId: doc.chainId, accountNumber: String(doc.accountNumber) })
        return { signed: { ...doc, accountNumber: { toString: () => String(doc.accountNumber) } }, signature }
      },
    }
  })
}

test('an extension subscribes and cancels', { timeout: 400_000 }, async () => {
  const chain = await client()
  const [maker, viewer] = [await funded(chain, 100), await funded(chain, 50)]
  const me = maker.wallet.address
  await act.registerCreator(me, { handle: `plan_${Date.now().toString(36)}` }).send(chain, maker.wallet)
  const title = `Letters ${Date.now().toString(36)}`
  const published = await act.publishWork(me, { kind: 'document', title, media, pieceRoot: crypto.getRandomValues(new Uint8Array(32)), pieceSize: 1000n, licence: 'CC0-1.0', language: 'en' }).send(chain, maker.wallet)
  const work = published.response.root
  const made = await act.createPlan(me, { title: 'Letters by the hour', price: '2stream', periodSeconds: 3600 }).send(chain, maker.wallet)
  const plan = made.response.plan ?? made.response.id
  await act.setOffers(me, { work, offers: [{ kind: 'plan', plans: [plan] }] }).send(chain, maker.wallet)
  await until('the index has the plan', async () => (await api(`/plans?creator=${creatorId(me)}`)).items.some((one) => one.id === plan))
  await until('the index has its offer', async () => (await api(`/works/${work}`)).offers.length > 0)

  const asked = []
  const page = await person({}, extension(viewer.wallet, asked))
  await page.goto(`${web}/work/${work}`)
  const ways = page.getByRole('complementary')
  await button(ways, 'Subscribe').click()
  const checkout = page.getByRole('dialog').filter({ hasText: 'For how long' })
  await button(checkout, 'Review and sign').click()
  await button(page.getByRole('dialog'), 'Connect Keplr').click()
  const lines = await sign(page)
  assert.match(lines.join('\n'), /2 STREAM/)
  await page.getByText('Your subscription opens this').first().waitFor()

  // the extension was told of the chain in the standard's words before anything else
  assert.deepEqual(asked.slice(0, 3).map((one) => one.what), ['experimentalSuggestChain', 'enable', 'getKey'])
  const info = asked[0].argument
  assert.equal(info.chainId, chainId)
  assert.equal(info.bip44.coinType, 118)
  assert.equal(info.stakeCurrency.coinMinimalDenom, 'ustream')
  assert.equal(addressOf(viewer.wallet.pubkey), viewer.wallet.address)

  const paid = (await chain.balance(viewer.wallet.address))
  await page.goto(`${web}/subscriptions`)
  await button(page.getByRole('main'), 'Cancel').click()
  const sheet = page.getByRole('dialog').filter({ hasText: 'Comes back to you' })
  const preview = ustream(await sheet.locator('dd').first().innerText())
  await button(sheet, 'Cancel it now').click()
  await sign(page)
  const toast = await page.getByText(/^Cancelled\. .* came back/).first().innerText()
  const [shown, kept] = toast.split('came back').map(ustream)
  const after = await chain.balance(viewer.wallet.address)
  const { txs } = await until('the transaction', async () => {
    const hash = await lastTx(viewer.wallet.address)
    return hash && { txs: [hash] }
  })
  const fee = BigInt(txs[0].auth_info.fee.amount[0].amount)
  figure('refund said before, said after, paid by the chain (ustream)', `${preview}, ${shown}, ${after - paid + fee}`)
  assert.equal(after - paid + fee, shown, 'what the app says came back is what the chain paid back')
  assert.equal(shown + kept, 2_000_000n)
  assert.ok(preview >= shown && preview - shown < 2_000_000n / 3600n * 60n, 'what was said before differs by the seconds until the block')
  await page.getByText('No running subscriptions').waitFor()
  const { subscriptions } = await (await fetch(`${(await api('/config')).rest}/streamchain/subscription/v1/viewers/${viewer.wallet.address}/subscriptions`)).json()
  assert.deepEqual(subscriptions, [])
  assert.deepEqual(page.wrong, [])
  await page.context().close()
})

/** The newest transaction that an account has signed. */
async function lastTx(address) {
  const { rest } = await api('/config')
  const answer = await fetch(`${rest}/cosmos/tx/v1beta1/txs?query=${encodeURIComponent(`message.sender='${address}'`)}&order_by=ORDER_BY_DESC&limit=1`)
  if (!answer.ok) return undefined
  const { txs } = await answer.json()
  return txs.find((one) => one.body.messages[0]['@type'].endsWith('.MsgCancel'))
}
