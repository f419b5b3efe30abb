package media

import "errors"

// What Probe and Package refuse. The text that wraps them says what to do.
var (
	// ErrUnreadable says that the input cannot be opened or is no regular file.
	ErrUnreadable = errors.New("the file cannot be read")
	// ErrEmpty says that the input has no bytes.
	ErrEmpty = errors.New("the file is empty: choose another or copy it again")
	// ErrNotMedia says that the input is neither audio nor video.
	ErrNotMedia = errors.New("the file is neither audio nor video")
	// ErrUnsupported says that the input is media that cannot be packaged.
	ErrUnsupported = errors.New("this media is not supported")
	// ErrTooLarge says that the input claims or needs more than can be packaged: pixels, hours, streams, memory.
	ErrTooLarge = errors.New("the media is too large")
	// ErrRenditions says that Options.Renditions is no list, or not for this input.
	ErrRenditions = errors.New("the renditions cannot be made")
	// ErrCaptions says that captions cannot be read or are not for this input.
	ErrCaptions = errors.New("the captions cannot be used")
	// ErrBroken says that the input is media that is cut off or damaged.
	ErrBroken = errors.New("the media is broken")
	// ErrChanged says that a file changed while it was being worked on.
	ErrChanged = errors.New("the file changed meanwhile: run again when nothing writes to it")
	// ErrBusy says that another run packages the same input into the same folder.
	ErrBusy = errors.New("another run is packaging this file: wait for it")
	// ErrTool says that ffmpeg or ffprobe is missing or failed for a reason that is not the input's.
	ErrTool = errors.New("ffmpeg did not do its work")
	// ErrStalled says that a tool made no progress, or too little in too long a time, and was ended.
	ErrStalled = errors.New("no progress: the file is too complex or the machine too busy; run again")
)

// What encryption and decryption refuse.
var (
	// ErrCiphertext says that encrypted bytes are damaged, cut off, in the wrong order, or of another key.
	ErrCiphertext = errors.New("the encrypted bytes are damaged or of another key: fetch them again")
	// ErrKeyTag says that a playlist's EXT-X-KEY is none that names a window of the work's keys.
	ErrKeyTag = errors.New("the playlist names no key of this work")
	// ErrRange says that a range is empty or leaves the file.
	ErrRange = errors.New("no such part of the file")
	// ErrWindowSeconds says that windows are shorter than a second or longer than an hour.
	ErrWindowSeconds = errors.New("a key window has 1 to 3600 seconds")
	// ErrNotPackaged says that what shall be encrypted is no presentation as Package makes it.
	ErrNotPackaged = errors.New("only what was packaged and is not encrypted yet can be encrypted")
)

// What BuildDAG and WriteCAR refuse.
var (
	// ErrTree says that a folder has what a work cannot hold: links, devices, names that are not UTF-8.
	ErrTree = errors.New("the folder cannot become a work")
	// ErrNotFound says that a source has no such block.
	ErrNotFound = errors.New("no such block")
	// ErrMismatch says that a block's bytes do not hash to its CID.
	ErrMismatch = errors.New("the bytes do not hash to the CID")
	// ErrRoots says that a CAR's roots are missing or too many.
	ErrRoots = errors.New("a CAR needs one to 23 roots")
)
