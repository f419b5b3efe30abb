package app

import (
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authsims "github.com/cosmos/cosmos-sdk/x/auth/simulation"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/auth/vesting"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	authzmodule "github.com/cosmos/cosmos-sdk/x/authz/module"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distr "github.com/cosmos/cosmos-sdk/x/distribution"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/evidence"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantmodule "github.com/cosmos/cosmos-sdk/x/feegrant/module"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govclient "github.com/cosmos/cosmos-sdk/x/gov/client"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	"github.com/cosmos/cosmos-sdk/x/mint"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/cosmos-sdk/x/upgrade"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/streamchain/streamchain/x/clock"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	"github.com/streamchain/streamchain/x/content"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/dispute"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	"github.com/streamchain/streamchain/x/governance"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	"github.com/streamchain/streamchain/x/revenue"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/storage"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	"github.com/streamchain/streamchain/x/stream"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func (app *App) newModuleManager() *module.Manager {
	cdc, registry := app.enc.cdc, app.enc.registry
	return module.NewManager(
		genutil.NewAppModule(app.Account, app.Staking, app, app.enc.tx),
		auth.NewAppModule(cdc, app.Account, authsims.RandomGenesisAccounts),
		vesting.NewAppModule(app.Account, app.Bank),
		bank.NewAppModule(cdc, app.Bank, app.Account),
		feegrantmodule.NewAppModule(cdc, app.Account, app.Bank, app.FeeGrant, registry),
		authzmodule.NewAppModule(cdc, app.Authz, app.Account, app.Bank, registry),
		gov.NewAppModule(cdc, app.Gov, app.Account, app.Bank),
		mint.NewAppModule(cdc, app.Mint, app.Account, nil),
		slashing.NewAppModule(cdc, app.Slashing, app.Account, app.Bank, app.Staking, registry),
		distr.NewAppModule(cdc, app.Distr, app.Account, app.Bank, app.Staking),
		staking.NewAppModule(cdc, app.Staking, app.Account, app.Bank),
		upgrade.NewAppModule(app.Upgrade, app.Account.AddressCodec()),
		evidence.NewAppModule(*app.Evidence),
		consensus.NewAppModule(cdc, app.Consensus),
		clock.NewAppModule(app.Clock),
		content.NewAppModule(app.Content),
		storage.NewAppModule(app.Storage),
		revenue.NewAppModule(app.Revenue),
		stream.NewAppModule(app.Stream),
		subscription.NewAppModule(app.Subscription),
		dispute.NewAppModule(app.Dispute),
		governance.NewAppModule(app.Governance),
	)
}

// newBasics is the part of the modules that needs no state: codecs, default genesis.
func newBasics(m *module.Manager) module.BasicManager {
	return module.NewBasicManagerFromManager(m, map[string]module.AppModuleBasic{
		genutiltypes.ModuleName: genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
		govtypes.ModuleName:     gov.NewAppModuleBasic([]govclient.ProposalHandler{}),
	})
}

// setOrder says when each module's turn is. Every place has its reason.
func setOrder(m *module.Manager) {
	m.SetOrderPreBlockers(
		upgradetypes.ModuleName, // a new binary must stop before it touches old state
		authtypes.ModuleName,    // forgets the nonces of unordered transactions that timed out
	)
	m.SetOrderBeginBlockers(
		clocktypes.ModuleName,      // live time, which everything after reads
		minttypes.ModuleName,       // before distribution, which shares out the last block's fees
		distrtypes.ModuleName,      // before slashing, so that nobody loses rewards that were earned
		slashingtypes.ModuleName,   // downtime, by the votes of the last block
		evidencetypes.ModuleName,   // double signing
		stakingtypes.ModuleName,    // history, after jailing
		genutiltypes.ModuleName,    // nothing: the SDK asks for its name
		authz.ModuleName,           // removes grants that expired
		governancetypes.ModuleName, // last: what was voted acts on a block that is set up
	)
	m.SetOrderEndBlockers(
		banktypes.ModuleName,         // credits virtual coins, which everything after spends
		revenuetypes.ModuleName,      // sweeps and pays out what the block's transactions booked
		contenttypes.ModuleName,      // forgets commits that expired
		storagetypes.ModuleName,      // after revenue has moved endowments into its account
		streamtypes.ModuleName,       // ends lanes: what it releases is claimable, not swept
		subscriptiontypes.ModuleName, // ends what ran out
		disputetypes.ModuleName,      // after storage has moved the beacon: nothing comes between a seed and its juries
		govtypes.ModuleName,          // tallies votes by the stake of this block
		stakingtypes.ModuleName,      // after everything that moves stake, once
		genutiltypes.ModuleName,      // nothing: the SDK asks for its name
		feegrant.ModuleName,          // removes allowances that expired
	)
	genesis := genesisOrder()
	m.SetOrderInitGenesis(genesis...)
	m.SetOrderExportGenesis(genesis...)
}

func genesisOrder() []string {
	return []string{
		consensustypes.ModuleName,
		authtypes.ModuleName,    // accounts, which everything after names
		banktypes.ModuleName,    // balances, which our modules check their ledgers against
		distrtypes.ModuleName,   // before staking, whose hooks call it
		stakingtypes.ModuleName, // before slashing, which reads validators
		slashingtypes.ModuleName,
		govtypes.ModuleName,
		minttypes.ModuleName,
		clocktypes.ModuleName, // ours, low to high
		contenttypes.ModuleName,
		storagetypes.ModuleName,
		revenuetypes.ModuleName,
		streamtypes.ModuleName,
		subscriptiontypes.ModuleName,
		disputetypes.ModuleName,
		governancetypes.ModuleName,
		genutiltypes.ModuleName, // delivers the first validators' transactions: needs all of the above
		evidencetypes.ModuleName,
		authz.ModuleName,
		feegrant.ModuleName,
		upgradetypes.ModuleName,
		vestingtypes.ModuleName,
	}
}
