package types

import (
	"errors"
	"strings"
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"
)

// ResultOf is an item's outcome as it enters the block's results. Replicas agree on those
// byte for byte, so the text is the registered one only: details may quote a library, whose
// words differ between versions. They go into the refusal's event.
func ResultOf(paid uint64, err error) ItemResult {
	if err == nil {
		return ItemResult{Paid: paid}
	}
	var known *errorsmod.Error
	if errors.As(err, &known) {
		return ItemResult{Codespace: known.Codespace(), Code: known.ABCICode(), Text: known.Error()}
	}
	codespace, code, _ := errorsmod.ABCIInfo(err, false)
	return ItemResult{Codespace: codespace, Code: code, Text: "internal error"}
}

// Ok reports whether the item succeeded.
func (r ItemResult) Ok() bool { return r.Code == 0 }

// Log is the error's text cut to MaxLogBytes of valid UTF-8, for an event.
func Log(err error) string {
	s := strings.ToValidUTF8(err.Error(), "\uFFFD")
	if len(s) <= MaxLogBytes {
		return s
	}
	cut := MaxLogBytes
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
