// While somebody listens to the song that is paid by the second, the node that serves is killed, then the chain: playing goes on, or says why it does not,
// and goes on by itself when what is gone is back. Nothing that was paid is lost, and nothing is paid twice.
import assert from 'node:assert/strict'
import test from 'node:test'
import { api, button, chainRest, client, figure, funded, paid, person, plays, position, restore, sign, status, until, up, web, works } from './lib.mjs'

const part = (name) => status().parts.find((one) => one.name === name)

/** The name of the part that serves, by what the meter says. */
async function serving(page) {
  const meter = page.getByRole('button', { name: /STREAM paid/ })
  if ((await meter.getAttribute('aria-expanded')) !== 'true') await meter.click()
  const text = await page.locator('.meter dd .mono').innerText()
  const port = /:(\d+)/.exec(text)[1]
  const { endpoints } = status()
  return `node${endpoints.nodes.findIndex((one) => one.endsWith(`:${port}`))}`
}

async function listener() {
  const { song } = works()
  const { title } = await api(`/works/${song}`)
  const account = await funded(await client(), 20)
  const page = await person()
  await restore(page, account.words)
  await page.goto(`${web}/work/${song}`)
  await button(page, `Play ${title}`).click()
  await sign(page)
  await plays(page, 3)
  await until('it is paid for', async () => (await paid(page)) > 0n)
  return { page, address: account.wallet.address }
}

test('the node that serves is killed', { timeout: 400_000 }, async (t) => {
  t.after(() => up())
  const { page } = await listener()
  const name = await serving(page)
  const before = await position(page)
  const spent = await paid(page)
  process.kill(part(name).pid, 'SIGKILL')
  const gone = Date.now()
  await until('another node serves', async () => (await serving(page)) !== name, 120_000)
  figure(`node killed: seconds until another one serves`, ((Date.now() - gone) / 1000).toFixed(1))
  await plays(page, before + 15, 120_000)
  assert.ok((await paid(page)) > spent)
  assert.deepEqual(page.wrong.filter((text) => !/Failed to load resource/.test(text)), [])
  await page.context().close()
})

test('the chain is killed, and comes back', { timeout: 600_000 }, async (t) => {
  t.after(() => up())
  const { page, address } = await listener()
  const before = await position(page)
  process.kill(part('val0').pid, 'SIGKILL')
  // it plays on what is paid and here; then, or where it seeks to, it says what is wrong
  const control = page.getByRole('slider', { name: 'Position' })
  await control.focus()
  await control.press('End')
  await control.press('PageDown')
  const said = page.getByText('The chain does not answer').first()
  await said.waitFor({ state: 'attached', timeout: 180_000 })
  const spent = await paid(page)
  const stopped = await position(page)
  figure('chain killed: said so at (s), paid until then (ustream)', `${stopped.toFixed(0)}, ${spent}`)
  up()
  const back = Date.now()
  await page.waitForFunction((from) => {
    const video = document.querySelector('video')
    return video.currentTime > from + 2 && !video.paused
  }, stopped, { timeout: 240_000 })
  figure('chain back: seconds until it plays on', ((Date.now() - back) / 1000).toFixed(1))
  assert.ok((await position(page)) > before)
  assert.ok((await paid(page)) >= spent, 'what was paid is still counted')
  await button(page, 'Close the player').first().click()
  const settled = await until('the chain has settled', async () => {
    const { lanes } = await chainRest(`/streamchain/stream/v1/owners/${address}/lanes`)
    return lanes.reduce((sum, lane) => sum + BigInt(lane.spent), 0n)
  }, 120_000)
  figure('settled after the chain came back (ustream)', settled)
  assert.deepEqual(page.wrong.filter((text) => !/Failed to load resource/.test(text)), [])
  await page.context().close()
})
