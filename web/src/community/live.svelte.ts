/** The time in Unix seconds, for countdowns; it goes on while something reads it. To be made while a component is set up. */
export class Clock {
  now = $state(Date.now() / 1000)

  constructor(everySeconds = 1) {
    $effect(() => {
      const timer = setInterval(() => (this.now = Date.now() / 1000), everySeconds * 1000)
      return () => clearInterval(timer)
    })
  }
}

/** Calls `f` every few seconds while the page is in sight; to be called while a component is set up. */
export function every(secondsBetween: number, f: () => void): void {
  $effect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) f()
    }, secondsBetween * 1000)
    return () => clearInterval(timer)
  })
}
