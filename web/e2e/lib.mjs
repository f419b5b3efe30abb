// What the tests share: the network that runs, accounts with coins, a browser context that writes down what goes wrong, and the app's own sheets.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { msg } from '@streamchain/sdk'
import { ChainClient } from '@streamchain/sdk/chain'
import { MsgSend } from '@streamchain/sdk/gen/cosmos/bank/v1beta1/tx.js'
import { generateMnemonic, MemoryWallet } from '@streamchain/sdk/wallet'

const home = process.env.STREAMCHAIN_NET
if (!home) throw new Error('STREAMCHAIN_NET is missing: the home of a running network of `streamd demo`; scripts/e2e.sh starts one')
const streamd = process.env.STREAMD ?? fileURLToPath(new URL('../../build/streamd', import.meta.url))
const run = (...args) => execFileSync(streamd, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 24 })

/** What runs where. Something that is down is no error here: some tests stop things. */
export function status() {
  try {
    return JSON.parse(run('localnet', 'status', '--home', home, '-o', 'json'))
  } catch (error) {
    if (error.status === 7) return JSON.parse(error.stdout)
    throw error
  }
}
export const up = () => run('localnet', 'up', '--home', home)
export const fund = (address, stream) => run('localnet', 'fund', address, `${stream}stream`, '--home', home)

const { endpoints, chain_id: chainId } = status()
export { chainId }
export const rest = endpoints.rest
/** Where the app is. */
export const web = process.env.STREAMCHAIN_WEB ?? endpoints.web
if (!web) throw new Error('this network has no web app: put indexerd beside streamd (`make build`)')

export async function json(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${(await answer.text()).slice(0, 300)}`)
  return answer.json()
}
export const api = (path) => json(`${web}/api/v1${path}`)
export const chainRest = (path) => json(`${rest}${path}`)
export const client = () => ChainClient.connect({ rpc: endpoints.rpc, chainId })

/** Asks until the answer is true; says what it waited for when it never is. */
export async function until(what, ask, milliseconds = 60_000) {
  const end = Date.now() + milliseconds
  let last
  for (;;) {
    try {
      const answer = await ask()
      if (answer) return answer
      last = answer
    } catch (error) {
      last = error
    }
    if (Date.now() > end) throw new Error(`never: ${what} (last: ${last instanceof Error ? last.message : JSON.stringify(last)})`)
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** One of the network's own accounts. */
export function account(name) {
  const key = run('keys', 'export', name, '--unarmored-hex', '--unsafe', '-y', '--home', `${home}/keys`, '--keyring-backend', 'test').trim()
  return MemoryWallet.fromKey(Uint8Array.from(Buffer.from(key, 'hex')))
}
/** A new account with so many STREAM, and its words. */
export async function funded(chain, stream, from = 'ecosystem') {
  const words = generateMnemonic()
  const wallet = await MemoryWallet.fromMnemonic(words)
  const payer = account(from)
  await chain.tx(payer, [msg(MsgSend, { fromAddress: payer.address, toAddress: wallet.address, amount: [{ denom: 'ustream', amount: String(BigInt(stream) * 1_000_000n) }] })])
  return { wallet, words }
}

/** The demo's song, paid by the second, and its film, for sale and in a plan. */
export function works() {
  const { done } = JSON.parse(readFileSync(`${process.env.STREAMCHAIN_DEMO ?? `${home}/..`}/state.json`, 'utf8'))
  return { song: done.song.work, film: done.film.work }
}
export const pairingCode = () => status().pairing_code

let browser
export async function launch() {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  return browser
}
after(() => browser?.close())

/** The chain says by a 404 or a 400 that it does not have something yet, as a key of this device; browsers write that down. Nothing else is let through. */
const UNKNOWN = /status of 40[04] .*\/(streamchain\/stream\/v1\/keys|streamchain\/stream\/v1\/escrows|streamchain\/content\/v1\/(creators|controllers)|streamchain\/content\/v1\/works|streamchain\/dispute\/v1\/jurors|cosmos\/gov\/v1\/proposals\/\d+\/votes)\//

/**
 * A browser of somebody: nothing kept, nothing known. `page.wrong` is what went wrong so far: errors on the console, uncaught ones, violations of the
 * page's policy. A file or an answer that is missing is one of them too.
 */
export async function person(options = {}, prepare = undefined) {
  const context = await (await launch()).newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(60_000)
  const wrong = []
  await context.exposeBinding('__violated', (_, text) => void wrong.push(`policy: ${text}`))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => window.__violated(`${event.violatedDirective} ${event.blockedURI} ${event.sample} on ${location.pathname}`))
  })
  if (prepare) await prepare(context)
  const page = await context.newPage()
  page.on('pageerror', (error) => wrong.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    const text = `console: ${message.text()} ${message.location().url}`
    if (message.type() === 'error' && !UNKNOWN.test(text)) wrong.push(text)
  })
  return Object.assign(page, { wrong })
}

const exact = (name) => ({ name, exact: true })
export const button = (scope, name) => scope.getByRole('button', typeof name === 'string' ? exact(name) : { name })

/** Restores a wallet by its words on the wallet's page, as a person does. */
export async function restore(page, words) {
  await page.goto(`${web}/wallet`)
  await page.getByRole('main').getByRole('button').first().click()
  const sheet = page.getByRole('dialog')
  await button(sheet, 'Use my recovery words').click()
  await sheet.getByRole('textbox').fill(words)
  await button(sheet, 'Restore').click()
  await sheet.waitFor({ state: 'detached' })
}

/** Signs what the sheet shows, and waits until a block has it. Gives the lines that were signed. */
export async function sign(page) {
  const sheet = page.getByRole('dialog').filter({ hasText: 'This is all that your signature allows' })
  const yes = sheet.getByRole('button', { name: 'Sign', exact: true, disabled: false })
  await yes.waitFor().catch(async (error) => {
    throw new Error(`nothing to sign; the page says: ${(await page.locator('dialog[open], [role=alertdialog], .stop').allInnerTexts()).join(' | ') || (await page.locator('main').innerText()).slice(0, 600)}; ${page.wrong.join('; ')}`, { cause: error })
  })
  const lines = await sheet.getByRole('listitem').allInnerTexts()
  await yes.click()
  await sheet.waitFor({ state: 'detached' })
  return lines
}

/** Where the sound or the film is, in seconds; undefined without a player. */
export const position = (page) => page.evaluate(() => document.querySelector('video')?.currentTime)
export async function plays(page, past, milliseconds = 60_000) {
  await page.waitForFunction((seconds) => (document.querySelector('video')?.currentTime ?? 0) > seconds, past, { timeout: milliseconds })
  return position(page)
}
/** What the meter says is paid, in ustream. */
export async function paid(page) {
  const text = await page.getByRole('button', { name: /STREAM paid/ }).innerText()
  const [, whole, part = ''] = /([\d,]+)(?:\.(\d+))? STREAM paid/.exec(text.replace(/\u00a0/g, ' ')) ?? []
  return whole === undefined ? 0n : BigInt(whole.replace(/,/g, '')) * 1_000_000n + BigInt(part.padEnd(6, '0'))
}

/** Figures for who reads the run. */
export const figure = (name, value) => console.log(`figure: ${name}: ${value}`)
