// Somebody with no wallet and no STREAM hears a paid song within two minutes of opening the page, and the chain has the money.
import assert from 'node:assert/strict'
import test from 'node:test'
import { api, button, chainRest, figure, paid, person, plays, position, sign, until, web, works } from './lib.mjs'

const LIMIT = 120

/** Counts presses of the mouse and of keys. */
async function counted(page) {
  let presses = 0
  await page.context().exposeBinding('__pressed', () => void presses++)
  await page.context().addInitScript(() => {
    addEventListener('click', (event) => event.isTrusted && event.detail > 0 && window.__pressed(), true)
  })
  return () => presses
}

async function songPage(page, title) {
  await page.getByRole('main').getByRole('link', { name: title }).first().click()
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
}

async function heard(page, presses, begun, what) {
  await plays(page, 3)
  await until('the meter shows what is paid', async () => (await paid(page)) > 0n)
  const [seconds, spent] = [(Date.now() - begun) / 1000, await paid(page)]
  figure(`${what}, seconds until 3 s of paid sound`, seconds.toFixed(1))
  figure(`${what}, clicks`, presses())
  figure(`${what}, paid (ustream)`, spent)
  assert.ok(seconds < LIMIT, `${seconds} s`)
  assert.ok(presses() <= 8, `${presses()} clicks`)
}

/** The chain has what was paid: the node's lane says how much of what was put aside is spent. */
async function settled(page) {
  const address = await page.evaluate(() => JSON.parse(localStorage.getItem('sc.wallet')).address)
  await button(page, 'Close the player').first().click()
  const spent = await until('the chain has settled what was played', async () => {
    const { lanes } = await chainRest(`/streamchain/stream/v1/owners/${address}/lanes`)
    return lanes.reduce((sum, lane) => sum + BigInt(lane.spent), 0n)
  }, 120_000)
  const { escrow } = await chainRest(`/streamchain/stream/v1/escrows/${address}/ustream`)
  figure('settled on the chain (ustream), still put aside', `${spent}, ${escrow.balance}`)
  assert.ok(BigInt(escrow.balance) > 0n)
}

test('a newcomer starts at the front page', { timeout: 300_000 }, async () => {
  const { song } = works()
  const { title } = await api(`/works/${song}`)
  const page = await person()
  const presses = await counted(page)
  const begun = Date.now()
  await page.goto(web)
  await button(page, 'Watch now').click()
  await button(page.getByRole('dialog'), 'Make it and watch').click()
  await page.getByText('Your wallet is ready').waitFor()
  await songPage(page, title)
  await button(page, `Play ${title}`).click()
  await sign(page)
  await heard(page, presses, begun, 'front page')
  await settled(page)
  assert.deepEqual(page.wrong, [])
  await page.context().close()
})

test('a newcomer presses play first, and pays when the free part ends', { timeout: 300_000 }, async () => {
  const { song } = works()
  const { title } = await api(`/works/${song}`)
  const page = await person()
  const presses = await counted(page)
  const begun = Date.now()
  await page.goto(web)
  await songPage(page, title)
  await button(page, `Play ${title}`).click()
  await page.getByRole('heading', { name: 'The free part ends here' }).waitFor()
  const free = await position(page)
  figure('play first, free seconds that were heard', free.toFixed(1))
  assert.ok(free > 8, 'what is free is heard before anything is asked')
  await button(page, 'Go on, paid by the second').click()
  await button(page.getByRole('dialog'), 'Make it and watch').click()
  await sign(page)
  await heard(page, presses, begun, 'play first')
  assert.deepEqual(page.wrong, [])
  await page.context().close()
})
