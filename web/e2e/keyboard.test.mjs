// A newcomer without a mouse: home, a wallet, the song, play, sign. Only Tab, Enter and Space.
import assert from 'node:assert/strict'
import test from 'node:test'
import { api, figure, paid, person, plays, until, web, works } from './lib.mjs'

const focused = (page) =>
  page.evaluate(() => {
    const one = document.activeElement
    if (!one || one === document.body) return { name: '', seen: true }
    const box = one.getBoundingClientRect()
    // a field may show it by the frame around it
    const marked = [one, one.parentElement, one.parentElement?.parentElement].some((each) => each && (getComputedStyle(each).outlineStyle !== 'none' || getComputedStyle(each).boxShadow !== 'none'))
    return {
      name: (one.getAttribute('aria-label') ?? one.textContent ?? '').replace(/\s+/g, ' ').trim(),
      seen: one.id === 'main' || marked || box.width === 0,
    }
  })

let presses = 0
/** Tabs until what has the focus is called so; whatever has the focus on the way must show it. */
async function tabTo(page, name, most = 80) {
  const way = []
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    presses++
    const at = await focused(page)
    way.push(at.name.slice(0, 40))
    assert.ok(at.seen, `the focus is not seen on “${at.name}”`)
    if (typeof name === 'string' ? at.name === name : name.test(at.name)) return
  }
  assert.fail(`${name} is not reached by Tab: ${way.join(' → ')}`)
}
const press = async (page, key) => (presses++, page.keyboard.press(key))

test('a newcomer with the keyboard only', { timeout: 300_000 }, async () => {
  const { song } = works()
  const { title } = await api(`/works/${song}`)
  const page = await person()
  await page.goto(web)
  await page.getByRole('main').getByRole('link', { name: title }).first().waitFor()
  await tabTo(page, 'Watch now')
  await press(page, 'Enter')
  await page.getByRole('dialog').waitFor()
  await tabTo(page, 'Make it and watch')
  await press(page, 'Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await tabTo(page, new RegExp(title.slice(0, 10)))
  await press(page, 'Enter')
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  await tabTo(page, `Play ${title}`)
  await press(page, 'Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Sign', exact: true, disabled: false }).waitFor()
  await tabTo(page, 'Sign')
  await press(page, 'Enter')
  await plays(page, 2)
  await until('the meter shows what is paid', async () => (await paid(page)) > 0n)
  // pause and go on, from the player's own buttons
  await tabTo(page, 'Pause')
  await press(page, 'Space')
  await page.waitForFunction(() => document.querySelector('video').paused)
  await press(page, 'Space')
  await page.waitForFunction(() => !document.querySelector('video').paused)
  figure('keys pressed from home to paid sound', presses)
  assert.deepEqual(page.wrong, [])
  await page.context().close()
})
