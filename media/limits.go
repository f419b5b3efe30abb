package media

import (
	"fmt"
	"time"
)

// What a file may claim or need. A file of a few kilobytes can claim a picture that fills any memory, or a playing
// time that keeps an encoder busy for weeks.
const (
	maxPlaying = 24 * 3600  // seconds of playing time
	maxPixels  = 36_000_000 // of a picture: 8192 × 4320 fits
	maxStreams = 256
	minBits    = 64 // a second of playing time, in what lasts longer than an hour
	maxAlloc   = 512 << 20
	maxMemory  = 4 << 30 // of a tool, where the system can hold it to that
	maxAnswer  = 4 << 20 // bytes that ffprobe may say
)

// bounded refuses what claims more than can be packaged.
func (i Info) bounded(path string, bytes int64) error {
	longest := i.Seconds
	if i.Video != nil {
		longest = max(longest, i.Video.seconds)
	}
	if i.Audio != nil {
		longest = max(longest, i.Audio.seconds)
	}
	switch {
	case longest > maxPlaying:
		return fmt.Errorf("%w: %q says it lasts %.0f hours: cut it into parts of at most 24", ErrTooLarge, path, longest/3600)
	case longest > 3600 && float64(bytes)*8/longest < minBits:
		return fmt.Errorf("%w: %q says it lasts %.0f hours, with %d bytes: export it again", ErrTooLarge, path, longest/3600, bytes)
	}
	return nil
}

// allowance is how long a tool may work on the input in all, progress or not.
func (j *job) allowance() time.Duration {
	if s := j.playing(); s > 0 {
		return 30*time.Minute + time.Duration(s*60)*time.Second
	}
	return 24 * time.Hour
}
