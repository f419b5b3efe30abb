// Every page, phone and desktop, light and dark, at 320 px too: nothing wrong on the console, nothing refused by the policy, nothing that axe finds,
// nothing wider than the window. With a wallet that has been used, and without one.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { creatorId } from '@streamchain/sdk'
import * as act from '@streamchain/sdk/actions'
import { api, client, figure, funded, person, restore, until, web, works } from './lib.mjs'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } }
const media = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
let pages
let words

before(async () => {
  const chain = await client()
  const { song, film } = works()
  const maker = await funded(chain, 3000)
  words = maker.words
  const { wallet } = maker
  // somebody who has done things: a creator with a work, a collection and a plan, a buyer, a voter
  const handle = `pages_${Date.now().toString(36)}`
  await act.registerCreator(wallet.address, { handle }).send(chain, wallet)
  const pieceRoot = () => crypto.getRandomValues(new Uint8Array(32))
  const { response } = await act.publishWork(wallet.address, { kind: 'document', title: 'Notes on rivers', media, pieceRoot: pieceRoot(), pieceSize: 1000n, licence: 'CC0-1.0', language: 'en', tags: ['notes'] }).send(chain, wallet)
  const made = await act.createCollection(wallet.address, { kind: 'series', title: 'Rivers', works: [response.root] }).send(chain, wallet)
  const collection = made.response.collection ?? made.response.id
  await act.createPlan(wallet.address, { title: 'Readers', price: '1stream', periodSeconds: 86_400 }).send(chain, wallet)
  const bought = await act.buy(wallet.address, { work: film, maxPrice: '1.5stream' }).send(chain, wallet)
  const { minDeposit } = (await chain.query.gov.params({ paramsType: 'deposit' })).params
  const proposed = await act.propose(wallet.address, { title: 'An opinion about rivers', summary: 'Nothing is done.', messages: [], deposit: minDeposit[0] }).send(chain, wallet)
  const disputes = (await api('/disputes').catch(() => ({ items: [] }))).items ?? []
  await until('the index has it', () => api(`/works/${response.root}`))
  const { holders } = await api(`/works/${song}`)
  const root = encodeURIComponent(song)
  pages = {
    home: '/', search: '/search?q=rivers', 'search without a hit': '/search?q=zzzzqqqq', song: `/work/${root}`, film: `/work/${film}`, record: `/work/${response.root}`,
    creator: `/creator/${creatorId(wallet.address)}`, collection: `/collection/${collection}`, library: '/library', subscriptions: '/subscriptions', receipts: '/receipts', receipt: `/tx/${bought.hash}`,
    wallet: '/wallet', settings: '/settings', missing: '/there/is/nothing',
    studio: '/studio', publish: '/studio/publish', 'studio works': '/studio/works', 'studio work': `/studio/works/${response.root}`, earnings: '/studio/earnings', plans: '/studio/plans', collections: '/studio/collections',
    'studio collection': `/studio/collections/${collection}`, collaborators: '/studio/collaborators', templates: '/studio/templates', verification: '/studio/verification', 'studio disputes': '/studio/disputes', profile: '/studio/profile',
    proposals: '/community', propose: '/community/proposals/new', proposal: `/community/proposals/${proposed.response.proposalId}`, stake: '/community/stake', delegate: '/community/delegate', court: '/community/court', jury: '/community/court/jury',
    ...(disputes[0] ? { dispute: `/community/court/${disputes[0].id}` } : {}), council: '/community/council', treasury: '/community/treasury',
    network: '/network', node: `/network/nodes/${holders[0].operator}`, copies: `/network/works/${root}`, economics: '/network/economics', validators: '/network/validators', embed: `/embed/${root}`,
  }
}, { timeout: 240_000 })

/** Waits until a page says what it has to say: nothing is busy, nothing is a placeholder. */
async function settled(page) {
  await page.locator('h1, main').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('main[aria-busy="true"], main .wait, .going'), null, { timeout: 60_000 })
}

async function look(page, path, name, found) {
  await page.goto(web + path, { waitUntil: 'load' })
  await settled(page)
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (wider > 0) found.push(`${name}: ${wider} px wider than the window`)
  // the status of a page that is not there is an error of the console by design of browsers
  for (const what of page.wrong.splice(0)) if (!(name.startsWith('missing') && /404/.test(what))) found.push(`${name}: ${what}`)
}

async function axe(page, name, found) {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  for (const one of violations) found.push(`${name}: axe ${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`)
}

for (const wallet of [false, true]) {
  test(`pages ${wallet ? 'with' : 'without'} a wallet`, { timeout: 1_800_000 }, async () => {
    const found = []
    let looked = 0
    for (const [size, viewport] of Object.entries(sizes)) {
      const page = await person({ viewport, isMobile: size === 'phone', hasTouch: size === 'phone' })
      if (wallet) await restore(page, words)
      page.wrong.splice(0)
      for (const [name, path] of Object.entries(pages)) {
        const which = `${name} (${wallet ? 'wallet' : 'nobody'}, ${size})`
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          if (colorScheme === 'light') await look(page, path, which, found)
          await axe(page, `${which}, ${colorScheme}`, found)
          looked++
        }
        if (size === 'phone') {
          await page.setViewportSize({ width: 320, height: 640 })
          const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
          if (wider > 0) found.push(`${which}: ${wider} px wider than 320 px`)
          await page.setViewportSize(viewport)
        }
      }
      await page.context().close()
    }
    figure(`pages ${wallet ? 'with' : 'without'} a wallet, looked at`, looked)
    // the same flaw on many pages is told once, with where
    const flaws = new Map()
    for (const one of found) {
      const [where, what] = [one.slice(0, one.indexOf(': ')), one.slice(one.indexOf(': ') + 2)]
      flaws.set(what, [...(flaws.get(what) ?? []), where])
    }
    assert.equal(found.length, 0, [...flaws].map(([what, where]) => `${what}\n      ${where.length} times: ${where.slice(0, 4).join('; ')}`).join('\n'))
  })
}
