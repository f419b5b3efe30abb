// node scripts/msg.mjs <area> <file.json>: adds {"key": ["English", "العربية"]} to the messages of an area, sorted as they come.
import { readFileSync, writeFileSync } from 'node:fs'

const [area, file] = process.argv.slice(2)
const added = JSON.parse(readFileSync(file ?? 0, 'utf8'))
for (const [i, locale] of ['en', 'ar'].entries()) {
  const path = new URL(`../messages/${locale}/${area}.json`, import.meta.url)
  const now = JSON.parse(readFileSync(path, 'utf8'))
  for (const [key, texts] of Object.entries(added)) now[key] = texts[i]
  writeFileSync(path, JSON.stringify(now, null, 2) + '\n')
}
