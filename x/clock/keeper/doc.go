// Package keeper keeps live time. Now is the one method that other modules use;
// BeginBlock is the one place that moves it.
package keeper
