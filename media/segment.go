package media

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// SegmentIV is the initialisation vector of a segment whose playlist names none: its media sequence number, which is its
// index, as 16 bytes big-endian (RFC 8216, 5.2). So no two segments under a key share one.
func SegmentIV(sequence uint64) (iv [16]byte) {
	binary.BigEndian.PutUint64(iv[8:], sequence)
	return iv
}

// EncryptSegment writes the segment read from r to w, encrypted as HLS has it: AES-128 in CBC mode, padded by PKCS #7. It returns how many bytes it
// wrote, and keeps no more than a buffer in memory.
func EncryptSegment(w io.Writer, r io.Reader, key, iv [16]byte) (int64, error) {
	return encryptSegment(w, r, key, iv, make([]byte, bufferSize))
}

// bufferSize is how much of a segment is in memory at once; a multiple of the block's length.
const bufferSize = 256 << 10

func encryptSegment(w io.Writer, r io.Reader, key, iv [16]byte, buf []byte) (written int64, err error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return 0, err
	}
	mode := cipher.NewCBCEncrypter(block, iv[:])
	for last := false; !last; {
		n, err := io.ReadFull(r, buf)
		last = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return written, err
		}
		part := buf[:n]
		if last {
			pad := aes.BlockSize - n%aes.BlockSize
			part = append(part, bytes.Repeat([]byte{byte(pad)}, pad)...)
		}
		mode.CryptBlocks(part, part)
		n, err = w.Write(part)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// DecryptSegment decrypts a whole segment in place and returns what it holds. ErrCiphertext where it is no whole number of blocks, is empty, or its padding
// is wrong; another key gives noise, and in one of 256 cases no error: what was fetched by its CID is known to be what the creator encrypted.
func DecryptSegment(data []byte, key, iv [16]byte) ([]byte, error) {
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: a segment of %d bytes", ErrCiphertext, len(data))
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	cipher.NewCBCDecrypter(block, iv[:]).CryptBlocks(data, data)
	pad := int(data[len(data)-1])
	if pad < 1 || pad > aes.BlockSize || !bytes.Equal(data[len(data)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, fmt.Errorf("%w: the padding of a segment", ErrCiphertext)
	}
	return data[:len(data)-pad], nil
}
