export type Theme = 'system' | 'light' | 'dark'

const KEY = 'sc.theme'

function initial(): Theme {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : 'system'
  } catch {
    return 'system'
  }
}

class ThemeStore {
  choice = $state<Theme>(initial())

  set(choice: Theme): void {
    this.choice = choice
    if (choice === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = choice
    try {
      if (choice === 'system') localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, choice)
    } catch {
      // for this visit only
    }
  }

  /** Whether dark is what is seen now. */
  get dark(): boolean {
    return this.choice === 'dark' || (this.choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  }
}

export const theme = new ThemeStore()
