// Before the first paint: the theme and the direction that were chosen last time, so that nothing flashes.
try {
  var root = document.documentElement
  var theme = localStorage.getItem('sc.theme')
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
  var language = localStorage.getItem('PARAGLIDE_LOCALE') || (/^ar\b/.test(navigator.language) ? 'ar' : 'en')
  root.lang = language
  root.dir = language === 'ar' ? 'rtl' : 'ltr'
} catch (e) {
  // Storage is refused: the defaults stand.
}
