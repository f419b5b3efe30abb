// Pictures of every page, phone and desktop, light and dark, into docs/screenshots.
//   node scripts/shots.mjs [--base http://127.0.0.1:8080] [--out ../docs/screenshots] [--only home,work] [--lang ar]
// It looks at what is really there: an indexerd with the app and a chain behind it (`make demo`).
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { chromium } from 'playwright-core'

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at > 0 ? process.argv[at + 1] : fallback
}
const base = option('base', 'http://127.0.0.1:8080')
const out = resolve(option('out', new URL('../../docs/screenshots', import.meta.url).pathname))
const only = option('only', '').split(',').filter(Boolean)
const language = option('lang', 'en')
const address = option('address', '')
const keep = process.argv.includes('--png')
mkdirSync(out, { recursive: true })

const api = async (path) => {
  const response = await fetch(`${base}/api/v1${path}`)
  return response.ok ? response.json() : {}
}
const { items: works = [] } = await api('/works?limit=50')
const { items: plans = [] } = await api('/plans')
const film = works.find((one) => one.kind === 'video') ?? works[0]
const song = works.find((one) => one.kind === 'audio') ?? works[0]
const detail = film ? await api(`/works/${film.root}`) : {}
const collection = detail.collections?.[0]?.id
const creator = film?.creator.id ?? plans[0]?.creator
const receipt = address ? (await api(`/accounts/${address}/receipts`)).items?.find((one) => one.tx)?.tx : undefined

const pages = {
  home: '/',
  'home-newcomer': { path: '/', wallet: false },
  search: `/search?q=${encodeURIComponent((film?.title ?? 'bunny').split(' ')[0])}`,
  work: film && `/work/${film.root}`,
  song: song && `/work/${song.root}`,
  creator: creator && `/creator/${creator}`,
  collection: collection && `/collection/${collection}`,
  library: '/library',
  subscriptions: '/subscriptions',
  receipts: '/receipts',
  receipt: receipt && `/tx/${receipt}`,
  wallet: '/wallet',
  'wallet-gate': { path: '/wallet', wallet: false, then: (page) => page.getByRole('main').getByRole('button').first().click() },
  settings: '/settings',
  studio: '/studio',
  community: '/community',
  network: '/network',
}

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } }
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--hide-scrollbars'] })
let failed = 0
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark']) {
    for (const [name, one] of Object.entries(pages)) {
      if (!one || (only.length > 0 && !only.includes(name))) continue
      const { path, wallet = true, then } = typeof one === 'string' ? { path: one } : one
      const context = await browser.newContext({ viewport, colorScheme, locale: language, reducedMotion: 'reduce', isMobile: size === 'phone', hasTouch: size === 'phone' })
      await context.addInitScript(
        ([known, lang]) => {
          localStorage.setItem('PARAGLIDE_LOCALE', lang)
          if (known && !localStorage.getItem('sc.wallet')) localStorage.setItem('sc.wallet', JSON.stringify({ kind: 'device', address: known, backedUp: false }))
        },
        [wallet ? address : '', language],
      )
      const page = await context.newPage()
      page.on('pageerror', (error) => (failed++, console.error(`${name} ${size} ${colorScheme}: ${error.message}`)))
      page.on('console', (message) => message.type() === 'error' && console.error(`${name}: ${message.text()}`))
      await page.goto(base + path, { waitUntil: 'load' })
      await page.waitForLoadState('networkidle', { timeout: 8000 }).catch(() => undefined)
      if (then) await then(page).catch((error) => console.error(`${name}: ${error.message}`))
      await page.waitForTimeout(400)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (overflow > 0) (failed++, console.error(`${name} ${size}: ${overflow} px wider than the window`))
      const file = `${out}/${name}-${size}-${colorScheme}${language === 'en' ? '' : `-${language}`}.png`
      await page.screenshot({ path: file, fullPage: false })
      // ffmpeg is there: the demo packages media with it
      execFileSync('ffmpeg', ['-loglevel', 'error', '-y', '-i', file, '-quality', '82', file.replace(/png$/, 'webp')])
      if (!keep) rmSync(file)
      await context.close()
    }
  }
}
await browser.close()
process.exit(failed > 0 ? 1 : 0)
