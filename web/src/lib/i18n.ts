import { m } from '../paraglide/messages.js'
import { getLocale, locales, setLocale } from '../paraglide/runtime.js'

export { m }

export type Locale = (typeof locales)[number]
export const languages: { code: Locale; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'ar', name: 'العربية' },
]

export const locale = (): Locale => getLocale()
export const direction = (code: Locale = locale()): 'ltr' | 'rtl' => (code === 'ar' ? 'rtl' : 'ltr')

/** The tag for Intl: Arabic with Latin digits, as amounts, ids and addresses are written in them everywhere else. */
export const intl = (): string => (locale() === 'ar' ? 'ar-u-nu-latn' : navigator.language.startsWith('en') ? navigator.language : 'en')

/** Puts language and direction on the document; called once at the start. */
export function applyLanguage(): void {
  document.documentElement.lang = locale()
  document.documentElement.dir = direction()
}

/** Changes the language and loads the page anew, since every text was made in the old one. */
export function chooseLanguage(code: Locale): void {
  void setLocale(code)
}

/** A language's own name in the reader's language; the tag where nobody knows one. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([intl()], { type: 'language' }).of(tag) ?? tag
  } catch {
    return tag
  }
}
