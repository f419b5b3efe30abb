package serve_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/wire"
)

// ranges asks for n ranges in one header.
func ranges(n int, each string) string {
	return "bytes=" + strings.TrimSuffix(strings.Repeat(each+",", n), ",")
}

// Whatever ranges a request names, however often and in however many headers, at most one file's bytes leave.
func TestNoRangeIsAmplified(t *testing.T) {
	f := setup(t)
	f.gate.open = true
	leaf := "/ipfs/" + f.media.String() + "?format=raw"
	seg, data := f.segment("v0", "seg1.m4s")
	file := "/ipfs/" + f.media.String() + "/v0/seg1.m4s"
	var overlapping []string
	for i := range 1300 {
		overlapping = append(overlapping, fmt.Sprintf("%d-", i))
	}
	for name, spec := range map[string]string{
		"1300 alike":    ranges(1300, "0-"),
		"1300 suffixes": ranges(1300, "-99999"),
		"1300 steps":    "bytes=" + strings.Join(overlapping, ","),
		"two":           "bytes=0-1,2-3", "spaces": "bytes=0-1 , 5-", "a comma": "bytes=0-,", "another": "bytes=,0-", "nested": "bytes=0-1,bytes=0-",
		"kilobytes of it": "bytes=" + strings.Repeat("0-0,", 3000) + "0-0",
		"huge":            "bytes=0-18446744073709551615", "overflow": "bytes=18446744073709551615-", "more digits": "bytes=-" + strings.Repeat("9", 400),
		"negative": "bytes=--1", "signs": "bytes=+0-+5", "hex": "bytes=0x0-0xff", "unit": "BYTES=0-1,2-3", "none": "bytes=", "minus": "bytes=-",
	} {
		for _, target := range []string{file, "/ipfs/" + seg.String(), leaf} {
			res, body := f.do(http.MethodGet, target, "Range", spec, "Accept-Encoding", "gzip, br")
			require.Contains(t, []int{200, 206, 416}, res.StatusCode, "%s: %s", name, target)
			require.LessOrEqual(t, len(body), max(len(data), 1024), "%s: %s", name, target)
			require.Empty(t, res.Header.Get("Content-Encoding"), "nothing is packed on the way: a range is of the bytes as they are")
			require.NotContains(t, res.Header.Get("Content-Type"), "multipart", name)
			if strings.Contains(spec, ",") && strings.HasPrefix(spec, "bytes=") && target != leaf {
				require.Equal(t, 416, res.StatusCode, name)
				require.Equal(t, wire.MultipleRanges, wire.ReadProblem(416, body).Slug)
			}
		}
	}
	// the first of several headers counts, as for every client between
	req, err := http.NewRequest(http.MethodGet, f.URL+file, nil)
	require.NoError(t, err)
	req.Header["Range"] = []string{"bytes=0-9", "bytes=10-19", "bytes=0-"}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, 206, res.StatusCode)
	require.EqualValues(t, 10, res.ContentLength)
}

// 1,300 requests of a byte each move 1,300 bytes of content, not 1,300 files.
func TestSmallRangesAreSmall(t *testing.T) {
	f := setup(t)
	f.gate.open = true
	_, data := f.segment("v0", "seg1.m4s")
	sent := 0
	for i := range 1300 {
		res, body := f.do(http.MethodGet, "/ipfs/"+f.media.String()+"/v0/seg1.m4s", "Range", fmt.Sprintf("bytes=%d-%d", i, i))
		require.Equal(t, 206, res.StatusCode)
		require.Equal(t, data[i:i+1], body)
		sent += len(body)
	}
	require.Equal(t, 1300, sent)
	require.LessOrEqual(t, sent, len(data))
}

// What a request was refused costs no bytes of content, and HEAD never sends any.
func TestRefusedBytesStay(t *testing.T) {
	f := setup(t)
	sent := 0
	f.server.Sent = func(n int) { sent += n }
	file := "/ipfs/" + f.media.String() + "/v0/seg1.m4s"
	for _, target := range []string{file, file + "?format=car", file + "?format=raw", "/ipfs/" + f.media.String() + "?format=car"} {
		for _, spec := range []string{"", "bytes=0-0", "bytes=0-", ranges(1300, "0-")} {
			res, _ := f.do(http.MethodGet, target, "Range", spec)
			require.Contains(t, []int{402, 416}, res.StatusCode, target)
			res, body := f.do(http.MethodHead, target, "Range", spec)
			require.Less(t, res.StatusCode, 417)
			require.Empty(t, body)
		}
	}
	require.Zero(t, sent)
}
