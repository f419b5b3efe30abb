// Hostile texts are written on the chain, as titles, descriptions and tags, and shown by every page that shows texts of strangers: they stay text.
import assert from 'node:assert/strict'
import test from 'node:test'
import { creatorId } from '@streamchain/sdk'
import * as act from '@streamchain/sdk/actions'
import { api, client, figure, funded, person, until, web } from './lib.mjs'
import { hostile } from './hostile.mjs'

const media = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
/** Titles with nothing to see, which a page calls otherwise. */
const nameless = new Set(['\u00a0', '\u3000'])
const short = (text) => Buffer.byteLength(text) <= 32
/** Works in one transaction. */
const BATCH = 10

/** What a page of strangers' texts must not have, whatever else it shows. */
const inspect = () => ({
  pwned: window.__pwned,
  links: [...document.querySelectorAll('[href],[src],[action],[formaction],[data]')]
    .flatMap((one) => ['href', 'xlink:href', 'src', 'action', 'formaction', 'data'].map((name) => one.getAttribute(name)))
    .filter((value) => value && /^[\s\u0000-\u001f]*(javascript|vbscript|data:text)/i.test(value)),
  handlers: [...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames().filter((name) => name.startsWith('on'))),
  strangers: document.querySelectorAll('main script, main iframe, main object, main embed, main base, main meta, main form[action]').length,
})

test('two hundred hostile texts', { timeout: 3_000_000 }, async (t) => {
  const chain = await client()
  const { wallet } = await funded(chain, 2000)
  const me = wallet.address
  await act.registerCreator(me, { handle: `hostile_${Date.now().toString(36)}` }).send(chain, wallet)
  const work = (text, tagged) => act.publishWork(me, { kind: 'document', title: text, description: `${text}\n${text}`, tags: tagged ? [text] : [], media, pieceRoot: crypto.getRandomValues(new Uint8Array(32)), pieceSize: 1000n, licence: 'CC0-1.0' })
  const takes = (action) => chain.estimate(wallet, action.msgs).then(() => true, (error) => (/^(content|sdk)\//.test(error.slug ?? '') ? false : Promise.reject(error)))

  const accepted = []
  const refused = { title: 0, tag: 0, handle: 0 }
  for (const written of hostile) {
    // half of a surrogate pair is no character: what is encoded has U+FFFD in its place
    const text = written.toWellFormed()
    let action = short(text) ? work(text, true) : undefined
    if (action && !(await takes(action))) {
      action = undefined
      refused.tag++
    }
    if (!action) {
      action = work(text, false)
      if (!(await takes(action))) {
        refused.title++
        continue
      }
    }
    accepted.push({ text, action })
  }
  for (const text of hostile.filter((_, i) => i % 10 === 0)) if (!(await takes(act.setHandle(me, { handle: text })))) refused.handle++
  figure('hostile texts', hostile.length)
  figure('hostile titles on the chain', accepted.length)
  figure('hostile titles, tags, handles (of 21) that the chain refused', `${refused.title}, ${refused.tag}, ${refused.handle}`)
  assert.ok(hostile.length >= 200 && accepted.length >= 150)
  assert.equal(refused.handle, Math.ceil(hostile.length / 10), 'no hostile text is a handle')

  for (let i = 0; i < accepted.length; i += BATCH) {
    const part = accepted.slice(i, i + BATCH)
    const [first, ...rest] = part.map((one) => one.action)
    const sent = await first.and(...rest).send(chain, wallet)
    sent.responses.filter((one) => one.typeUrl.endsWith('.MsgPublishResponse')).forEach((one, at) => (part[at].root = new TextDecoder().decode(one.value).match(/bafy[a-z2-7]{50,}/)[0]))
  }
  const collections = []
  for (const { text, root } of accepted.slice(0, 60).filter((_, i) => i % 6 === 0)) collections.push((await act.createCollection(me, { kind: 'series', title: text, works: [root] }).send(chain, wallet)).response.collection)
  const plans = accepted.filter(({ text }) => text.length < 90).slice(0, 5)
  for (const { text } of plans) await act.createPlan(me, { title: text, price: '1stream', periodSeconds: 3600 }).send(chain, wallet)
  const { minDeposit } = (await chain.query.gov.params({ paramsType: 'deposit' })).params
  const proposed = await act.propose(me, { title: hostile[0], summary: hostile.filter((_, i) => i % 20 === 0).join('\n').replace(/\0/g, ''), messages: [], deposit: minDeposit[0] }).send(chain, wallet)
  await until('the index has all of it', () => api(`/works/${accepted.at(-1).root}`), 120_000)

  const page = await person()
  // markup is parsed on a page of its own: the app's policy refuses to, to scripts of tests as well
  const reader = await page.context().newPage()
  const bad = []
  const see = async (path, settled) => {
    await page.goto(web + path)
    await settled()
    const found = await page.evaluate(inspect)
    if (found.pwned !== undefined || found.links.length + found.handlers.length + found.strangers > 0) bad.push(`${path}: ${JSON.stringify(found)}`)
    for (const what of page.wrong.splice(0)) bad.push(`${path}: ${what}`)
  }
  const heading = async (text) => {
    const shown = await page.waitForFunction((wanted) => [...document.querySelectorAll('h1')].some((one) => one.textContent === wanted), text, { timeout: 30_000 }).catch(() => undefined)
    if (!shown) bad.push(`${JSON.stringify(text)} is shown as ${JSON.stringify(await page.locator('h1').allTextContents())}`)
  }
  const idle = () => page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('main[aria-busy="true"], main .wait, .going'))

  await t.test('on work pages, searched for, and in previews', async () => {
    for (const [i, { text, root }] of accepted.entries()) {
      await see(`/work/${root}`, () => heading(nameless.has(text) ? 'Untitled work' : text))
      await see(`/search?q=${encodeURIComponent(text)}`, idle)
      if (i % 10 === 0) await see(`/embed/${root}`, () => page.locator('.bar bdi').waitFor())
      // what other sites and programs read: the head for previews, oEmbed
      const [html, embed, xml] = await Promise.all(
        [`/work/${root}`, `/oembed?format=json&url=${encodeURIComponent(`${web}/work/${root}`)}`, `/oembed?format=xml&url=${encodeURIComponent(`${web}/work/${root}`)}`].map((path) => fetch(web + path).then((answer) => answer.text())),
      )
      const parsed = await reader.evaluate(
        ([html, embed, xml]) => {
          const head = new DOMParser().parseFromString(html, 'text/html')
          const { title, html: frame } = JSON.parse(embed)
          const framed = new DOMParser().parseFromString(frame, 'text/html')
          const tree = new DOMParser().parseFromString(xml, 'application/xml')
          return {
            og: head.querySelector('meta[property="og:title"]')?.content,
            scripts: [...head.querySelectorAll('script')].filter((one) => one.textContent.includes('__pwned')).length,
            extra: head.querySelectorAll('img, svg, iframe, object, base, form').length,
            title,
            frame: [...framed.body.querySelectorAll('*')].map((one) => one.tagName).join(),
            handlers: [...framed.querySelectorAll('*')].flatMap((one) => one.getAttributeNames().filter((name) => name.startsWith('on'))).length,
            xml: tree.querySelector('parsererror') ? 'not XML' : tree.querySelector('title')?.textContent,
          }
        },
        [html, embed, xml],
      )
      // XML has no U+FFFF, and spaces at the ends are its reader's to keep
      const same = (one) => (one ?? '').replace(/[\ufffd-\uffff]/g, '').trim()
      if (!same(parsed.og).startsWith(same(text)) || same(parsed.title) !== same(text) || same(parsed.xml) !== same(text) || parsed.scripts + parsed.extra + parsed.handlers > 0 || parsed.frame !== 'IFRAME') bad.push(`previews of ${JSON.stringify(text)}: ${JSON.stringify(parsed)}`)
    }
    assert.deepEqual(bad.splice(0), [])
  })

  await t.test('on pages of many works, and in feeds for readers', async () => {
    const creator = creatorId(me)
    for (const path of ['/?feed=newest', '/', '/search', `/creator/${creator}`, ...collections.map((id) => `/collection/${id}`), `/community/proposals/${proposed.response.proposalId}`, '/community', '/network']) await see(path, idle)
    const feeds = [`/rss/creators/${creator}.xml`, ...collections.map((id) => `/rss/collections/${encodeURIComponent(id)}.xml`)]
    let read = 0
    for (const path of feeds) {
      const answer = await fetch(web + path)
      read++
      assert.equal(answer.status, 200, path)
      const text = await answer.text()
      const said = await reader.evaluate((xml) => {
        const tree = new DOMParser().parseFromString(xml, 'application/xml')
        return { error: tree.querySelector('parsererror')?.textContent, strangers: [...tree.querySelectorAll('script, img, iframe, svg')].length, links: [...tree.querySelectorAll('link, guid')].map((one) => one.textContent).filter((one) => /^\s*javascript/i.test(one)) }
      }, text)
      assert.deepEqual(said, { error: undefined, strangers: 0, links: [] }, path)
    }
    figure('feeds for readers that are XML and nothing else', read)
    assert.deepEqual(bad.splice(0), [])
  })
  assert.equal(await page.evaluate(() => window.__pwned), undefined)
  await page.context().close()
})
