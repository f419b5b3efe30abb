// Four steps in the studio, with the packager of this machine: a film, what it is, a price a minute, and it is live; somebody else pays for it and sees it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { api, button, client, figure, funded, paid, pairingCode, person, plays, restore, sign, until, web } from './lib.mjs'

test('from a file to a live, priced work', { timeout: 900_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'streamchain-e2e-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'harbour.mp4')
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=426x240:rate=25:duration=20', '-f', 'lavfi', '-i', 'sine=frequency=330:duration=20', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest', file])
  const chain = await client()
  const [maker, viewer] = [await funded(chain, 100), await funded(chain, 20)]
  const title = `Harbour at night ${Date.now().toString(36)}`

  const page = await person()
  const begun = Date.now()
  await restore(page, maker.words)
  await page.goto(`${web}/studio/publish`)
  // 1: the file; the helper is paired once
  await page.getByRole('textbox', { name: 'Code' }).fill(pairingCode())
  await button(page, 'Pair').click()
  await button(page, 'Choose a file').waitFor()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button(page, 'Choose a file').click()])
  await chooser.setFiles(file)
  await page.getByRole('heading', { name: 'What is in it' }).waitFor({ timeout: 240_000 })
  await button(page, 'Next').click()
  // 2: what it is
  await page.getByRole('textbox', { name: 'Title' }).fill(title)
  await page.getByRole('textbox', { name: /^Description/ }).fill('A picture that a machine made.')
  await page.getByRole('textbox', { name: /^Tags/ }).fill('harbour, night')
  await button(page, 'Next').click()
  // 3: the price; a price a minute is what the app suggests
  await page.getByRole('textbox', { name: /^Price of a minute/ }).fill('0.012')
  await button(page, 'Next').click()
  // 4: what it costs, and publishing; each transaction is shown and signed
  await button(page, 'What will it cost?').click()
  await button(page.getByRole('main'), 'Publish').waitFor({ timeout: 240_000 })
  await button(page.getByRole('main'), 'Publish').click()
  const live = page.getByText('It is live')
  const yes = page.getByRole('dialog').getByRole('button', { name: 'Sign', exact: true, disabled: false })
  let signed = 0
  for (;;) {
    await live.or(yes).first().waitFor({ timeout: 240_000 })
    if (await live.isVisible()) break
    const sheet = page.getByRole('dialog').filter({ has: yes })
    await yes.first().click()
    signed++
    await sheet.waitFor({ state: 'detached' }).catch(() => undefined)
  }
  figure('publishing a film of 20 s, seconds and signatures', `${((Date.now() - begun) / 1000).toFixed(0)}, ${signed}`)
  assert.ok(signed > 0 && signed <= 8, `${signed} signatures`)
  await page.getByRole('link', { name: 'See it as viewers do' }).click()
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  const root = new URL(page.url()).pathname.split('/').pop()
  assert.deepEqual(page.wrong, [])
  await page.context().close()

  const work = await until('the index has the work and a node that keeps it', async () => {
    const found = await api(`/works/${root}`)
    return found.holders.length > 0 && found.offers.length > 0 && found
  }, 120_000)
  assert.equal(work.offers[0].kind, 'metered')
  assert.equal(BigInt(work.offers[0].price.amount) * 60n / BigInt(work.offers[0].tick_seconds), 12_000n)

  const other = await person()
  await restore(other, viewer.words)
  await other.goto(`${web}/work/${root}`)
  await button(other, `Play ${title}`).click()
  await sign(other)
  await plays(other, 3, 120_000)
  await until('the viewer has paid', async () => (await paid(other)) > 0n)
  assert.deepEqual(other.wrong, [])
  await other.context().close()
})
