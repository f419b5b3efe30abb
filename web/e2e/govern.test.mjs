// A work is reported, which opens a dispute; a proposal is voted on. Both as the chain has them afterwards.
import assert from 'node:assert/strict'
import test from 'node:test'
import * as act from '@streamchain/sdk/actions'
import { api, button, chainRest, client, figure, funded, person, restore, sign, until, web } from './lib.mjs'

const media = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'

test('a report opens a dispute', { timeout: 300_000 }, async () => {
  const chain = await client()
  const [maker, reporter] = [await funded(chain, 50), await funded(chain, 2000)]
  const me = maker.wallet.address
  await act.registerCreator(me, { handle: `court_${Date.now().toString(36)}` }).send(chain, maker.wallet)
  const title = `Borrowed ${Date.now().toString(36)}`
  const { response } = await act.publishWork(me, { kind: 'document', title, media, pieceRoot: crypto.getRandomValues(new Uint8Array(32)), pieceSize: 1000n, licence: 'CC0-1.0', language: 'en' }).send(chain, maker.wallet)
  await until('the index has it', () => api(`/works/${response.root}`))

  const page = await person()
  await restore(page, reporter.words)
  await page.goto(`${web}/work/${response.root}`)
  await button(page, 'Report this work').click()
  const sheet = page.getByRole('dialog').filter({ hasText: 'A report opens a dispute' })
  await sheet.getByRole('radio', { name: /violates somebody's rights/ }).check()
  await sheet.getByRole('textbox', { name: /evidence/i }).fill(media)
  await button(sheet, 'Open the dispute').click()
  const lines = await sign(page)
  assert.ok(lines.length > 0)
  await page.getByText('The dispute is open').first().waitFor()
  const dispute = await until('the index has the dispute', async () => (await api(`/works/${response.root}`)).disputes[0])
  const kept = await chainRest(`/streamchain/dispute/v1/disputes/${dispute.id}`)
  assert.equal(kept.dispute.claimant, reporter.wallet.address)
  assert.equal(kept.dispute.kind, 'KIND_INFRINGEMENT')
  // and everybody sees it
  await page.goto(`${web}/work/${response.root}`)
  await page.getByRole('tab', { name: /Disputes/ }).click()
  await page.getByText("Somebody else's rights").first().waitFor()
  await page.goto(`${web}/community/court/${dispute.id}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  figure('dispute opened', `#${dispute.id}`)
  assert.deepEqual(page.wrong, [])
  await page.context().close()
})

test('a vote, and a changed one, with stake', { timeout: 300_000 }, async () => {
  const chain = await client()
  const voter = await funded(chain, 3000)
  const me = voter.wallet.address
  const { validators } = await chain.query.staking.validators()
  await act.stake(me, { validator: validators[0].operatorAddress, amount: '500stream' }).send(chain, voter.wallet)
  const { minDeposit } = (await chain.query.gov.params({ paramsType: 'deposit' })).params
  const subject = `An opinion ${Date.now().toString(36)}`
  const { response } = await act.propose(me, { title: subject, summary: 'Nothing is done.', messages: [], deposit: minDeposit[0] }).send(chain, voter.wallet)
  const id = response.proposalId

  const page = await person()
  await restore(page, voter.words)
  await page.goto(`${web}/community`)
  await page.getByRole('link', { name: subject }).click()
  await page.getByRole('heading', { level: 1, name: subject }).waitFor()
  await button(page.getByRole('group', { name: 'Vote' }), 'Yes').click()
  await sign(page)
  await page.getByText('You voted: Yes').waitFor()
  const { vote } = await chainRest(`/cosmos/gov/v1/proposals/${id}/votes/${me}`)
  assert.equal(vote.options[0].option, 'VOTE_OPTION_YES')
  // it can be changed while the vote runs
  await button(page.getByRole('group', { name: 'Vote' }), 'No').click()
  await sign(page)
  await page.getByText('You voted: No').waitFor()
  const changed = await chainRest(`/cosmos/gov/v1/proposals/${id}/votes/${me}`)
  assert.equal(changed.vote.options[0].option, 'VOTE_OPTION_NO')
  figure('voted on proposal', `#${id}`)
  assert.deepEqual(page.wrong, [])
  await page.context().close()
})
