/** One value in localStorage as JSON. Where storage is refused or what is there does not fit, the fallback stands for this visit. */
export function stored<T>(key: string, fallback: T, valid: (value: unknown) => value is T): { get(): T; set(value: T): void; clear(): void } {
  const name = `sc.${key}`
  let memory: T | undefined
  return {
    get() {
      if (memory !== undefined) return memory
      try {
        const text = localStorage.getItem(name)
        if (text === null) return fallback
        const value: unknown = JSON.parse(text)
        return valid(value) ? value : fallback
      } catch {
        return fallback
      }
    },
    set(value) {
      try {
        localStorage.setItem(name, JSON.stringify(value))
        memory = undefined
      } catch {
        memory = value
      }
    },
    clear() {
      memory = undefined
      try {
        localStorage.removeItem(name)
      } catch {
        // nothing was kept
      }
    },
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
