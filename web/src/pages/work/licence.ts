import { m } from '../../lib/i18n'

/** The address of a licence's text and what it means in a sentence, for the SPDX names that works mostly have. */
export function licence(spdx: string): { url?: string; words?: string } {
  if (!/^[A-Za-z0-9.+-]+$/.test(spdx)) return {}
  const cc = /^CC-(BY(?:-NC)?(?:-SA|-ND)?)-(\d\.\d)$/.exec(spdx)
  if (cc) {
    const parts = cc[1]!.toLowerCase()
    const rules = [m.licence_by(), parts.includes('-nc') ? m.licence_nc() : '', parts.includes('-sa') ? m.licence_sa() : '', parts.includes('-nd') ? m.licence_nd() : ''].filter(Boolean)
    return { url: `https://creativecommons.org/licenses/${parts}/${cc[2]}/`, words: rules.join(' ') }
  }
  if (spdx === 'CC0-1.0') return { url: 'https://creativecommons.org/publicdomain/zero/1.0/', words: m.licence_zero() }
  if (/^LicenseRef-/.test(spdx)) return spdx === 'LicenseRef-All-Rights-Reserved' ? { words: m.licence_reserved() } : {}
  return { url: `https://spdx.org/licenses/${spdx}.html` }
}
