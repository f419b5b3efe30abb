package project

import (
	"github.com/cosmos/gogoproto/proto"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var paramEvents = table{}.
	add(on(func(r *run, e *contenttypes.EventParamsUpdated) error { return r.putParams("content", &e.Params) })).
	add(on(func(r *run, e *storagetypes.EventParamsUpdated) error { return r.putParams("storage", &e.Params) })).
	add(on(func(r *run, e *revenuetypes.EventParamsUpdated) error { return r.putParams("revenue", &e.Params) })).
	add(on(func(r *run, e *streamtypes.EventParamsUpdated) error { return r.putParams("stream", &e.Params) })).
	add(on(func(r *run, e *subscriptiontypes.EventParamsUpdated) error {
		return r.putParams("subscription", &e.Params)
	})).
	add(on(func(r *run, e *disputetypes.EventParamsUpdated) error { return r.putParams("dispute", &e.Params) })).
	add(on(func(r *run, e *governancetypes.EventParamsUpdated) error { return r.putParams("governance", &e.Params) }))

func (r *run) putParams(module string, params proto.Message) error {
	raw, err := protoRaw(params)
	if err != nil {
		return err
	}
	_, err = r.tx.Exec("INSERT INTO params (module, data) VALUES (?, ?) ON CONFLICT (module) DO UPDATE SET data = excluded.data", module, string(raw))
	return err
}
