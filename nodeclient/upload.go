package nodeclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/streamchain/streamchain/storagenode/wire"
)

// uploadTries is how often an upload goes on after the connection broke.
const uploadTries = 5

// Upload sends a piece's CAR from where the node has it already to its end; it goes on after
// a broken connection. sign makes the value of Stream-Upload, anew for each try.
// progress is told the bytes that the node has. The node answers when it has verified every block and the piece root.
func (c *Client) Upload(ctx context.Context, piece [32]byte, car io.ReaderAt, size int64, sign func() (string, error), progress func(int64)) error {
	var last error
	for try := range uploadTries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return errors.Join(ctx.Err(), last)
			case <-time.After(time.Duration(try) * 500 * time.Millisecond):
			}
		}
		header, err := sign()
		if err != nil {
			return err
		}
		st, err := c.uploadOnce(ctx, piece, car, size, header, progress)
		if err == nil && st.Complete {
			progress(size)
			return nil
		}
		var p *wire.Problem
		if errors.As(err, &p) && p.Slug != wire.UploadOffset && p.Status < http.StatusInternalServerError {
			return err
		}
		if last = err; err == nil {
			last = fmt.Errorf("%s has %d of %d bytes", c.endpoint, st.Offset, size)
		}
	}
	return last
}

func (c *Client) uploadOnce(ctx context.Context, piece [32]byte, car io.ReaderAt, size int64, header string, progress func(int64)) (st wire.UploadState, err error) {
	target := c.endpoint + "/v1/uploads/" + wire.PieceText(piece)
	offset, err := c.uploadOffset(ctx, target, header, size)
	if err != nil {
		return st, err
	}
	body := &counted{r: io.NewSectionReader(car, offset, size-offset), at: offset, progress: progress}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, target, body)
	if err != nil {
		return st, err
	}
	req.ContentLength = size - offset
	req.Header.Set(wire.HeaderUpload, header)
	req.Header.Set("Content-Type", "application/vnd.ipld.car")
	if offset > 0 {
		req.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", offset, size-1, size))
	}
	res, err := c.http.Do(req)
	if err != nil {
		return st, c.failed(ctx, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxJSON))
	if err != nil {
		return st, c.failed(ctx, err)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return st, wire.ReadProblem(res.StatusCode, raw)
	}
	return st, json.Unmarshal(raw, &st)
}

// uploadOffset asks how much of the piece the node has.
func (c *Client) uploadOffset(ctx context.Context, target, header string, size int64) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, target, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set(wire.HeaderUpload, header)
	res, err := c.http.Do(req)
	if err != nil {
		return 0, c.failed(ctx, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, nil // nothing there yet, or refused: then PUT says why
	}
	offset, err := strconv.ParseInt(res.Header.Get(wire.HeaderOffset), 10, 64)
	if err != nil || offset < 0 || offset > size {
		return 0, nil
	}
	return offset, nil
}

// counted reports progress as the body is read.
type counted struct {
	r        io.Reader
	at       int64
	progress func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.at += int64(n)
	c.progress(c.at)
	return n, err
}
