// node scripts/icons.mjs: draws public/icons/*.png from public/icon.svg with the Chromium of the tests (CHROMIUM, or /usr/bin/chromium). What comes out is committed.
import { mkdirSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

const svg = readFileSync(new URL('../public/icon.svg', import.meta.url), 'utf8')
const out = new URL('../public/icons/', import.meta.url)
mkdirSync(out, { recursive: true })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
// a mask may cut away all but the middle four fifths, and the corners of Apple's are cut by the system
for (const [name, size, inset, ground] of [['icon-192', 192, 0, ''], ['icon-512', 512, 0, ''], ['maskable-512', 512, 0.12, '#0f2a24'], ['apple-touch-180', 180, 0, '#0f2a24']]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const edge = Math.round(size * inset)
  await page.setContent(`<style>html,body{margin:0;background:${ground || 'transparent'}}svg{display:block;margin:${edge}px;width:${size - 2 * edge}px;height:${size - 2 * edge}px}</style>${svg}`)
  await page.screenshot({ path: new URL(`${name}.png`, out).pathname, omitBackground: true })
  await page.close()
}
await browser.close()
