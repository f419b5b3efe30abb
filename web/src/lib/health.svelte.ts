/** Whether this device is on line and discovery answers; pages say what failed themselves, this is the line above them all. */
class Health {
  trouble = $state<'offline' | 'api' | undefined>(navigator.onLine ? undefined : 'offline')

  constructor() {
    addEventListener('offline', () => (this.trouble = 'offline'))
    addEventListener('online', () => (this.trouble = undefined))
  }
}
export const chainHealth = new Health()
