/** Which of the sheets over the page are wanted; they are loaded when the first one is. */
class Sheets {
  signing = $state(false)
  wallet = $state(false)
}
export const sheets = new Sheets()
