// Where a browser refuses storage (frames of other sites, all cookies blocked), one that lasts as long as the page stands in: nothing has to know.
try {
  void localStorage.length
} catch (e) {
  var kept = new Map()
  Object.defineProperty(window, 'localStorage', {
    configurable: true,
    value: {
      getItem: function (key) {
        return kept.has(String(key)) ? kept.get(String(key)) : null
      },
      setItem: function (key, value) {
        kept.set(String(key), String(value))
      },
      removeItem: function (key) {
        kept.delete(String(key))
      },
      clear: function () {
        kept.clear()
      },
      key: function (i) {
        return Array.from(kept.keys())[i] || null
      },
      get length() {
        return kept.size
      },
    },
  })
}

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
