import { m } from '../lib/i18n'

/** What is wrong with a new password; length is what counts against guessing offline, so nothing else is asked for. */
export function passwordProblem(password: string): string | undefined {
  if (password.length < 10) return m.password_short()
  if (/^(.)\1*$/.test(password) || /^(0123456789|1234567890|password|qwertyuiop)/i.test(password)) return m.password_weak()
  return undefined
}
